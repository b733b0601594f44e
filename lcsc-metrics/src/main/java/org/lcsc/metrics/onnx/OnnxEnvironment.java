package org.lcsc.metrics.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor.Version;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.bytedeco.javacpp.Loader;
import org.lcsc.io.Refuse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts ONNX Runtime so that it sends nothing about the user and leaves no file behind.
 *
 * <p>Its releases from 1.29 on, in any program that loads them, read the machine's id, open a
 * database in the home directory and look up a host on the internet, unless an environment variable
 * forbids it before the library is loaded. Nothing within a running Java can set that variable, so
 * such a release without it is refused here.
 *
 * <p>By itself ONNX Runtime unpacks its native libraries into the temporary directory at each
 * start, where a process that is killed leaves them. They are unpacked once instead, into JavaCPP's
 * cache beside those of ND4J; an empty directory is all that it still makes. What killed processes
 * left there, those of older versions of this library too, is deleted at the next start.
 *
 * <p>Thread-safe.
 */
public final class OnnxEnvironment {

  private static final String VARIABLE = "ORT_DISABLE_TELEMETRY";
  private static final String NATIVE_PATH = "onnxruntime.native.path";
  private static final Version FIRST_THAT_REPORTS = Version.parse("1.29");
  private static final String UNPACKED = "onnxruntime-java";
  private static final String PROVIDER = "onnxruntime_providers_";

  /** Those of a provider are in onnxruntime_gpu alone. */
  private static final List<String> LIBRARIES =
      List.of(PROVIDER + "shared", PROVIDER + "cuda", "onnxruntime", "onnxruntime4j_jni");

  /** A process that is alive has loaded its libraries long before, and needs the files no more. */
  private static final Duration STALE = Duration.ofHours(1);

  private static final Logger LOG = LoggerFactory.getLogger(OnnxEnvironment.class);

  private OnnxEnvironment() {}

  /**
   * The environment of this process. Thread-safe.
   *
   * @throws IOException where ONNX Runtime would report to its maker, or cannot be loaded
   */
  public static synchronized OrtEnvironment get() throws IOException {
    Package runtime = OrtEnvironment.class.getPackage();
    requireSilent(
        runtime.getImplementationTitle(),
        runtime.getImplementationVersion(),
        System.getenv(VARIABLE));
    try {
      if (System.getProperty(NATIVE_PATH) == null) {
        unpack();
      }
      deleteStale(Path.of(System.getProperty("java.io.tmpdir")), Instant.now().minus(STALE));
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      // On Windows every release has events of its own.
      environment.setTelemetry(false);
      return environment;
    } catch (LinkageError | IllegalStateException | OrtException e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw new IOException("ONNX Runtime cannot be loaded: " + cause, e);
    }
  }

  /**
   * Refuses a release that reports, and one that is not known not to.
   *
   * @param title of the jar's manifest; null where ONNX Runtime was packed into another jar
   * @param version of the jar's manifest, or null
   * @param variable value of the environment variable, or null
   * @throws IOException where it would report
   */
  static void requireSilent(String title, String version, String variable) throws IOException {
    boolean old =
        "onnxruntime".equals(title)
            && version != null
            && Version.parse(version).compareTo(FIRST_THAT_REPORTS) < 0;
    Refuse.file(
        !old && !"1".equals(variable),
        "ONNX Runtime %s reports its use over the internet, allowed: onnxruntime-1.28.0.jar or"
            + " older, or %s=1 in the environment before Java starts",
        Objects.requireNonNullElse(version, "of unknown version"),
        VARIABLE);
  }

  /** Where there is no library for this platform, ONNX Runtime says so itself. */
  private static void unpack() throws IOException {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String name = system.startsWith("mac") ? "osx" : system.startsWith("win") ? "win" : "linux";
    String processor = System.getProperty("os.arch");
    String directory =
        "/ai/onnxruntime/native/" + name + (processor.equals("aarch64") ? "-aarch64/" : "-x64/");
    File library = null;
    for (String part : LIBRARIES) {
      String resource = directory + System.mapLibraryName(part);
      if (OrtEnvironment.class.getResource(resource) == null) {
        if (part.startsWith(PROVIDER)) {
          continue;
        }
        return;
      }
      library = Loader.cacheResource(OrtEnvironment.class, resource);
      if (library == null) {
        return;
      }
    }
    System.setProperty(NATIVE_PATH, library.getParent());
  }

  /**
   * Deletes the directories that ONNX Runtime made for its libraries, as far as they can be: those
   * of other users and of other content stay.
   *
   * @param temporary where they are
   * @param before only what has not changed since
   */
  static void deleteStale(Path temporary, Instant before) {
    try (DirectoryStream<Path> found = Files.newDirectoryStream(temporary, UNPACKED + "*")) {
      UserPrincipal user =
          temporary
              .getFileSystem()
              .getUserPrincipalLookupService()
              .lookupPrincipalByName(System.getProperty("user.name"));
      for (Path directory : found) {
        BasicFileAttributes attributes =
            Files.readAttributes(directory, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (attributes.isDirectory()
            && attributes.lastModifiedTime().toInstant().isBefore(before)
            && Files.getOwner(directory).equals(user)) {
          delete(directory);
        }
      }
    } catch (IOException | UnsupportedOperationException | DirectoryIteratorException e) {
      LOG.debug("Old files of ONNX Runtime stay in {}", temporary, e);
    }
  }

  private static void delete(Path directory) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*onnxruntime*")) {
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(directory);
    } catch (IOException | DirectoryIteratorException e) {
      LOG.debug("{} stays", directory, e);
    }
  }
}
