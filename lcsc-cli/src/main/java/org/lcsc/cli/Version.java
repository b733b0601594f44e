package org.lcsc.cli;

import static org.lcsc.io.Text.format;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import picocli.CommandLine.IVersionProvider;

/**
 * What {@code lcsc --version} prints, from the manifest of this program's own jar.
 *
 * <p>Stateless and thread-safe.
 */
public final class Version implements IVersionProvider {

  /** Created by the command line. */
  public Version() {}

  /** The program's version, {@code development} where it does not run from a jar. */
  public static String ofProgram() {
    return attribute(Attributes.Name.IMPLEMENTATION_VERSION.toString());
  }

  /** The version of Deeplearning4j it was built with. */
  public static String ofDeeplearning4j() {
    return attribute("Deeplearning4j-Version");
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "lcsc " + ofProgram(),
      "Deeplearning4j " + ofDeeplearning4j(),
      format(
          "Java %s on %s %s",
          Runtime.version(), System.getProperty("os.name"), System.getProperty("os.arch"))
    };
  }

  private static String attribute(String name) {
    // Not getResource("/META-INF/MANIFEST.MF"): that finds the first jar of the class path.
    URL self = Version.class.getResource("Version.class");
    String inJar = self == null ? "" : self.toString();
    int end = inJar.indexOf("!/");
    if (end < 0) {
      return "development";
    }
    URI manifest = URI.create(inJar.substring(0, end) + "!/META-INF/MANIFEST.MF");
    try (InputStream in = manifest.toURL().openStream()) {
      String value = new Manifest(in).getMainAttributes().getValue(name);
      return value == null ? "unknown" : value;
    } catch (IOException e) {
      return "unknown";
    }
  }
}
