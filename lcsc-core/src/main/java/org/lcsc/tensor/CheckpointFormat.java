package org.lcsc.tensor;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.lcsc.config.Part;
import org.lcsc.config.Parts;

/** A format of files of named tensors, found as all {@link Part}s are. Immutable. */
public interface CheckpointFormat extends Part {

  /** The ending of the files that it writes, for example {@code .safetensors}. */
  String suffix();

  /** Whether a file of this name is of this format. */
  boolean reads(String name);

  /**
   * Opens a file and checks all that describes its tensors.
   *
   * @return to be closed by the caller
   * @throws IOException where it is missing, damaged or not of this format; one line that names it
   */
  TensorFile open(Path file) throws IOException;

  /**
   * The files that hold a model: this one, and those that it names.
   *
   * @throws IOException where it cannot be read; one line that names it
   */
  default List<Path> files(Path file) throws IOException {
    return List.of(file);
  }

  /** All formats. */
  static List<CheckpointFormat> all() {
    return List.copyOf(Parts.of(CheckpointFormat.class).values());
  }

  /** The format of a file of this name, if any. */
  static Optional<CheckpointFormat> of(Path file) {
    String name = file.getFileName().toString();
    return all().stream().filter(format -> format.reads(name)).findFirst();
  }

  /**
   * Opens a file of any format.
   *
   * @return to be closed by the caller
   * @throws IOException as {@link #open}, and where the name is of no format; one line that names
   *     it
   */
  static TensorFile openAny(Path file) throws IOException {
    return of(file)
        .orElseThrow(
            () -> new IOException(file + ": not of a known format, allowed: " + suffixes()))
        .open(file);
  }

  /** Endings of the files of all formats, for messages. */
  static String suffixes() {
    return String.join(", ", all().stream().map(CheckpointFormat::suffix).toList());
  }
}
