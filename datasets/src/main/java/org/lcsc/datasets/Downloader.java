package org.lcsc.datasets;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.commons.io.function.IOConsumer;
import org.lcsc.io.AtomicFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches a file from the first of several mirrors that has it, verifies it and puts it in its
 * place whole. Thread-safe.
 *
 * @param silence how long to wait for a connection or for the next byte
 * @param total how long a file may take
 */
record Downloader(Duration silence, Duration total) {

  private static final Logger LOG = LoggerFactory.getLogger(Downloader.class);
  private static final int BUFFER_BYTES = 1 << 16;

  /** Gives up after 20 seconds without a byte, or an hour in all. */
  Downloader() {
    this(Duration.ofSeconds(20), Duration.ofHours(1));
  }

  /**
   * Downloads a file.
   *
   * @param mirrors tried in order
   * @param target where the file goes
   * @param maxBytes a longer file is refused
   * @param verification run before the file appears
   * @throws DataSetException where no mirror gave the file; the line names each and its fault
   */
  void fetch(List<URI> mirrors, Path target, long maxBytes, IOConsumer<Path> verification)
      throws DataSetException {
    List<String> faults = new ArrayList<>();
    for (URI mirror : mirrors) {
      LOG.info("Downloading {} to {}", mirror, target);
      try {
        AtomicFiles.deleteAbandoned(target);
        AtomicFiles.writeFile(
            target,
            file -> {
              transfer(mirror, file, maxBytes);
              verification.accept(file);
            });
        return;
      } catch (IOException e) {
        LOG.debug("Download of {} failed", mirror, e);
        Throwable cause = e.getCause() == null ? e : e.getCause();
        String reason = cause instanceof DataSetException ? cause.getMessage() : cause.toString();
        faults.add(mirror + " (" + reason.replace('\n', ' ') + ")");
      }
    }
    throw new DataSetException(
        target,
        "is missing and could not be downloaded from " + String.join(" or ", faults),
        "connect to the network, put the file there by hand, or give the path of a copy");
  }

  private void transfer(URI mirror, Path file, long maxBytes) throws IOException {
    long deadline = System.nanoTime() + total.toNanos();
    URLConnection connection = mirror.toURL().openConnection();
    int silenceMillis = Math.toIntExact(silence.toMillis());
    connection.setConnectTimeout(silenceMillis);
    connection.setReadTimeout(silenceMillis);
    if (connection instanceof HttpURLConnection http && http.getResponseCode() != 200) {
      throw new DataSetException("the server answered with status " + http.getResponseCode());
    }
    try (InputStream in = connection.getInputStream();
        OutputStream out = Files.newOutputStream(file)) {
      byte[] buffer = new byte[BUFFER_BYTES];
      long length = 0;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        length += n;
        if (length > maxBytes) {
          throw new DataSetException("the file is longer than the " + maxBytes + " bytes allowed");
        }
        if (System.nanoTime() - deadline > 0) {
          throw new DataSetException("not finished within " + total.toSeconds() + " seconds");
        }
        out.write(buffer, 0, n);
      }
      long announced = connection.getContentLengthLong();
      if (announced >= 0 && length != announced) {
        throw new DataSetException("broke off after " + length + " of " + announced + " bytes");
      }
    }
  }
}
