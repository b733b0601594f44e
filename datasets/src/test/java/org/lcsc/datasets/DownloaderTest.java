package org.lcsc.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.io.Sha256;

class DownloaderTest {

  private static final byte[] CONTENT = TestFiles.noise(1, 200_000);

  private final Downloader downloader =
      new Downloader(Duration.ofSeconds(5), Duration.ofSeconds(20));
  private final CountDownLatch over = new CountDownLatch(1);

  @TempDir Path directory;
  private HttpServer server;
  private Path target;

  @BeforeEach
  void start() throws IOException {
    target = directory.resolve("new/file.bin");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/file", exchange -> answer(exchange, CONTENT));
    server.createContext("/silent", exchange -> awaitQuietly());
    server.createContext(
        "/broken",
        exchange -> {
          exchange.sendResponseHeaders(200, CONTENT.length + 1);
          exchange.getResponseBody().write(CONTENT);
          exchange.close();
        });
    server.createContext(
        "/moved",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/file");
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    server.start();
  }

  @AfterEach
  void stop() {
    over.countDown();
    server.stop(0);
  }

  @Test
  void putsAVerifiedFileInItsPlace() throws IOException {
    downloader.fetch(List.of(at("/moved")), target, CONTENT.length, this::isContent);
    assertThat(target).hasBinaryContent(CONTENT);
    assertThat(files()).containsExactly(target);
  }

  @Test
  void triesTheNextMirror() throws IOException {
    List<URI> mirrors = List.of(at("/none"), URI.create("http://localhost:1/x"), at("/file"));
    downloader.fetch(mirrors, target, CONTENT.length, this::isContent);
    assertThat(target).hasBinaryContent(CONTENT);
  }

  @Test
  void refusesALongerFile() {
    refuses("/file", CONTENT.length - 1, "longer than the 199999 bytes allowed");
  }

  @Test
  void refusesABrokenTransfer() {
    refuses("/broken", 1 << 20, "/broken (");
  }

  @Test
  void refusesAnAnswerThatIsNotTheFile() {
    refuses("/none", 1 << 20, "status 404");
  }

  @Test
  void doesNotWaitForever() {
    Downloader brief = new Downloader(Duration.ofSeconds(5), Duration.ZERO);
    assertThatThrownBy(() -> brief.fetch(List.of(at("/file")), target, 1 << 20, this::isContent))
        .isInstanceOf(DataSetException.class)
        .hasMessageContaining("not finished within 0 seconds");
    Downloader hasty = new Downloader(Duration.ofMillis(200), Duration.ofSeconds(20));
    assertThatThrownBy(() -> hasty.fetch(List.of(at("/silent")), target, 9, this::isContent))
        .isInstanceOf(DataSetException.class)
        .hasMessageContaining("timed out");
  }

  @Test
  void refusesAFileThatFailsVerification() {
    assertThatThrownBy(
            () ->
                downloader.fetch(
                    List.of(at("/file")),
                    target,
                    1 << 20,
                    file -> {
                      throw new DataSetException("has another checksum");
                    }))
        .isInstanceOf(DataSetException.class)
        .hasMessageContaining("(has another checksum)");
    assertThat(files()).isEmpty();
  }

  @Test
  void saysInOneLineWhatToDoOffline() {
    URI nowhere = URI.create("http://localhost:1/file.bin");
    assertThatThrownBy(() -> downloader.fetch(List.of(nowhere), target, 9, this::isContent))
        .isInstanceOf(DataSetException.class)
        .hasMessageStartingWith(target + ": is missing and could not be downloaded from " + nowhere)
        .hasMessageEndingWith(
            "connect to the network, put the file there by hand, or give the path of a copy")
        .message()
        .doesNotContain("\n");
  }

  @Test
  void deletesWhatAnInterruptedDownloadLeft() throws IOException {
    Path left = target.resolveSibling("." + target.getFileName() + ".999999999999-1.tmp");
    Files.createDirectories(target.getParent());
    Files.write(left, new byte[9]);
    Files.setLastModifiedTime(left, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    URI nowhere = URI.create("http://localhost:1/file.bin");
    assertThatThrownBy(() -> downloader.fetch(List.of(nowhere), target, 9, this::isContent))
        .isInstanceOf(DataSetException.class);
    assertThat(left).doesNotExist();
  }

  @Test
  void aLoaderDownloadsWhatIsMissingOnce() throws IOException {
    byte[] labels = TestFiles.idx(new byte[] {1, 2}, 2);
    byte[] images = TestFiles.idx(TestFiles.noise(5, 32), 2, 4, 4);
    serve("/idx/" + IdxLoader.TEST_LABELS + ".gz", TestFiles.gzip(labels));
    serve("/idx/" + IdxLoader.TEST_IMAGES + ".gz", TestFiles.gzip(images));
    Map<String, String> content =
        Map.of(IdxLoader.TEST_LABELS, hash(labels), IdxLoader.TEST_IMAGES, hash(images));
    IdxLoader loader =
        new IdxLoader(
            new IdxLoader.Source(content, List.of(at("/idx/"))), List.of(), directory, downloader);
    ImageDataSet first = loader.load(Specs.of("mnist"), Split.TEST);
    assertThat(first.size()).isEqualTo(2);
    server.stop(0);
    assertThat(loader.load(Specs.of("mnist"), Split.TEST).fingerprint())
        .isEqualTo(first.fingerprint());
  }

  /** The real loader, whose mirrors hold a well-formed file of other content. */
  @Test
  void aLoaderTakesNoFileOfAnotherHash() throws IOException {
    byte[] labels = TestFiles.idx(new byte[] {1, 2}, 2);
    byte[] others = TestFiles.idx(new byte[] {2, 1}, 2);
    byte[] images = TestFiles.idx(TestFiles.noise(5, 32), 2, 4, 4);
    for (String mirror : List.of("/wrong/", "/right/")) {
      byte[] held = mirror.equals("/wrong/") ? others : labels;
      serve(mirror + IdxLoader.TEST_LABELS + ".gz", TestFiles.gzip(held));
      serve(mirror + IdxLoader.TEST_IMAGES + ".gz", TestFiles.gzip(images));
    }
    Map<String, String> content =
        Map.of(IdxLoader.TEST_LABELS, hash(labels), IdxLoader.TEST_IMAGES, hash(images));
    Path cache = directory.resolve("cache");
    IdxLoader.Source wrong = new IdxLoader.Source(content, List.of(at("/wrong/")));
    IdxLoader refusing = new IdxLoader(wrong, List.of(), cache, downloader);
    assertThatThrownBy(() -> refusing.load(Specs.of("mnist"), Split.TEST))
        .isInstanceOf(DataSetException.class)
        .hasMessageContaining(IdxLoader.TEST_LABELS)
        .hasMessageContaining(hash(others))
        .hasMessageContaining(hash(labels))
        .message()
        .hasLineCount(1);
    assertThat(cache.resolve(IdxLoader.TEST_LABELS + ".gz")).doesNotExist();
    IdxLoader.Source both = new IdxLoader.Source(content, List.of(at("/wrong/"), at("/right/")));
    ImageDataSet loaded =
        new IdxLoader(both, List.of(), cache, downloader).load(Specs.of("mnist"), Split.TEST);
    assertThat(loaded.labels(new int[] {0, 1})).containsExactly(1, 2);
  }

  @Test
  void theCifarLoaderTakesNoArchiveOfAnotherHash() throws IOException {
    byte[] content = TestFiles.gzip(TestFiles.tarMember("test_batch.bin", '0', new byte[3073]));
    serve("/" + Cifar10Loader.ARCHIVE, content);
    Path cache = directory.resolve("cache");
    Cifar10Loader loader = new Cifar10Loader(cache, downloader, 1, at("/" + Cifar10Loader.ARCHIVE));
    assertThatThrownBy(() -> loader.load(Specs.of("cifar10"), Split.TEST))
        .isInstanceOf(DataSetException.class)
        .hasMessageContaining("has SHA-256 " + hash(content))
        .hasMessageContaining("the published file has c4a38c50a1bc5f3a")
        .message()
        .hasLineCount(1);
    assertThat(cache.resolve(Cifar10Loader.ARCHIVE)).doesNotExist();
  }

  private void refuses(String path, long maxBytes, String fault) {
    assertThatThrownBy(() -> downloader.fetch(List.of(at(path)), target, maxBytes, this::isContent))
        .isInstanceOf(DataSetException.class)
        .hasMessageContaining(fault);
    assertThat(files()).isEmpty();
  }

  private void isContent(Path file) throws IOException {
    assertThat(target).as("before verification").doesNotExist();
    assertThat(file).hasBinaryContent(CONTENT);
  }

  private URI at(String path) {
    return URI.create("http://localhost:" + server.getAddress().getPort() + path);
  }

  private void serve(String path, byte[] content) {
    server.createContext(path, exchange -> answer(exchange, content));
  }

  private static void answer(HttpExchange exchange, byte[] content) throws IOException {
    exchange.sendResponseHeaders(200, content.length);
    exchange.getResponseBody().write(content);
    exchange.close();
  }

  private void awaitQuietly() {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String hash(byte[] content) throws IOException {
    return Sha256.of(Files.write(Files.createTempFile(directory, "hash", ""), content));
  }

  private List<Path> files() {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
