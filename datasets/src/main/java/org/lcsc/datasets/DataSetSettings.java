package org.lcsc.datasets;

import java.io.IOException;
import java.util.Optional;
import java.util.OptionalInt;
import org.lcsc.config.Family;
import org.lcsc.config.Part;

/**
 * The settings of a data set: where its images come from and how they are delivered. Section {@code
 * dataset} of a configuration holds one. Implementations are immutable records.
 */
@Family(key = "name")
public interface DataSetSettings extends Part {

  /**
   * What is known of images without their files.
   *
   * @param channels of the images; 0 where only the files tell
   * @param side of the images in pixels
   * @param classes of the images; 0 for none, or where only the files tell
   */
  record Known(int channels, int side, int classes) {}

  /**
   * Loads the images.
   *
   * @param split which part
   * @throws DataSetException where files are missing, damaged or of another form, or a download
   *     fails; the message is one line
   * @throws IOException where reading fails
   * @throws IllegalArgumentException where the settings do not fit the files
   */
  ImageDataSet load(Split split) throws IOException;

  /** What reports call the images: the kind, unless it does not tell which images they are. */
  default String title() {
    return kind();
  }

  /**
   * Refuses what can be known to be wrong without reading an image, as {@link #load} would. Files
   * that are not there are no mistake: they may come later.
   *
   * @throws DataSetException as {@link #load}
   * @throws IOException where reading fails
   */
  default void checkFiles() throws IOException {}

  /**
   * Number of classes as far as it is known without reading an image; 0 for images without labels.
   *
   * @throws IOException where reading fails
   */
  default OptionalInt listedClasses() throws IOException {
    return OptionalInt.empty();
  }

  /** Where the files are, key {@code path}; null where the data set finds them by itself. */
  default String path() {
    return null;
  }

  /**
   * Refuses a data set that can be known to hold out no images, as {@link #load} of {@link
   * Split#TEST} would. Reads none.
   *
   * @throws DataSetException as {@link #load}
   * @throws IOException where reading fails
   */
  default void checkHeldOut() throws IOException {}

  /** What is known before the images are loaded. */
  default Optional<Known> known() {
    return Optional.empty();
  }

  /** Side in pixels that images are shrunk to; null: the side they have. */
  default Integer side() {
    return null;
  }

  /** Whether training mirrors each image left to right with probability one half. */
  default boolean flip() {
    return false;
  }

  /** What decides on the images: settings of the same source deliver the same. */
  default String source() {
    return toString();
  }
}
