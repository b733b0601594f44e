package org.lcsc.config;

import java.util.Locale;

/**
 * Names of enum constants in a file: {@code LOG_SNR} is {@code log-snr}.
 *
 * <p>Stateless and thread-safe.
 */
public final class YamlNames {

  private YamlNames() {}

  /** The constant's name in a file: its own in kebab-case. */
  public static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
