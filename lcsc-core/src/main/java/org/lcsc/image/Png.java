package org.lcsc.image;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.lcsc.io.Refuse;

/**
 * Writes PNG images.
 *
 * <p>Stateless and thread-safe.
 */
public final class Png {

  private Png() {}

  /**
   * Writes an image; the stream stays open.
   *
   * @throws IOException where writing fails
   */
  public static void write(BufferedImage image, OutputStream out) throws IOException {
    // Held in memory: ImageIO's own cache is a file in the temporary directory, which may be full.
    try (ImageOutputStream png = new MemoryCacheImageOutputStream(out)) {
      Refuse.file(!ImageIO.write(image, "png", png), "this Java has no PNG writer");
    }
  }
}
