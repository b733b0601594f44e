package org.lcsc.cli;

import org.lcsc.export.Versions;
import picocli.CommandLine.IVersionProvider;

/**
 * What {@code lcsc --version} prints: the versions that recipes name too.
 *
 * <p>Stateless and thread-safe.
 */
public final class Version implements IVersionProvider {

  /** Created by the command line. */
  public Version() {}

  @Override
  public String[] getVersion() {
    Versions versions = Versions.current();
    return new String[] {
      "lcsc " + versions.lcsc() + ", commit " + versions.commit(),
      "Deeplearning4j " + versions.deeplearning4j(),
      "Java " + versions.java() + " on " + versions.platform()
    };
  }
}
