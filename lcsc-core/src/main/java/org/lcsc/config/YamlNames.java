package org.lcsc.config;

import java.util.Locale;

/**
 * Names of enum constants in a file: {@code LOG_SNR} is {@code log-snr}.
 *
 * <p>Stateless and thread-safe.
 */
public final class YamlNames {

  private YamlNames() {}

  /** The constant's name in a file: its {@link YamlName}, or its own name in kebab-case. */
  public static String of(Enum<?> constant) {
    try {
      YamlName name =
          constant.getDeclaringClass().getField(constant.name()).getAnnotation(YamlName.class);
      return name != null
          ? name.value()
          : constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    } catch (NoSuchFieldException e) {
      throw new AssertionError("an enum constant is a public field of its class", e);
    }
  }
}
