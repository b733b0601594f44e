package org.lcsc.export;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * The software and the class of machine that made a result. Those of the running program are the
 * same in all its results. Immutable and thread-safe.
 *
 * @param lcsc this library; {@code "development"} where it does not run from a jar
 * @param commit of its sources, followed by {@code " and changes"} where they differed from it;
 *     {@value #UNKNOWN} where they were no clone, and in files of earlier versions
 * @param deeplearning4j Deeplearning4j
 * @param java the Java runtime
 * @param platform operating system and architecture
 * @param processors how many Java may use, and of what kind where the system tells it; {@value
 *     #UNKNOWN} in files of earlier versions
 */
public record Versions(
    String lcsc,
    String commit,
    String deeplearning4j,
    String java,
    String platform,
    String processors) {

  static final String UNKNOWN = "unknown";

  /** What made results that do not tell. */
  static final Versions OF_EARLIER =
      new Versions(UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN);

  private static final Path LINUX_PROCESSORS = Path.of("/proc/cpuinfo");

  private static final class Current {

    static final Versions VERSIONS =
        new Versions(
            ofArtifact(Versions.class, "org.lcsc/lcsc-dl4j-listener"),
            sourceCommit(),
            ofArtifact(ComputationGraph.class, "org.deeplearning4j/deeplearning4j-nn"),
            Runtime.version().toString(),
            System.getProperty("os.name") + " " + System.getProperty("os.arch"),
            (Runtime.getRuntime().availableProcessors() + " " + processorName()).strip());
  }

  /** Those of the running program. */
  public static Versions current() {
    return Current.VERSIONS;
  }

  private static String ofArtifact(Class<?> of, String artifact) {
    return properties(of, "/META-INF/maven/" + artifact + "/pom.properties")
        .getProperty("version", "development");
  }

  private static String sourceCommit() {
    Properties git = properties(Versions.class, "git.properties");
    String commit = git.getProperty("git.commit.id.abbrev", UNKNOWN);
    return Boolean.parseBoolean(git.getProperty("git.dirty")) ? commit + " and changes" : commit;
  }

  /** Empty where there is no such resource. */
  private static Properties properties(Class<?> of, String resource) {
    Properties properties = new Properties();
    try (InputStream in = of.getResourceAsStream(resource)) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      // As if there were none: no result is worth less for it.
      properties.clear();
    }
    return properties;
  }

  /** Empty where the system does not tell. */
  private static String processorName() {
    if (!Files.isReadable(LINUX_PROCESSORS)) {
      String windows = System.getenv("PROCESSOR_IDENTIFIER");
      return windows == null ? "" : windows;
    }
    try (Stream<String> lines = Files.lines(LINUX_PROCESSORS)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("");
    } catch (IOException | UncheckedIOException e) {
      return "";
    }
  }
}
