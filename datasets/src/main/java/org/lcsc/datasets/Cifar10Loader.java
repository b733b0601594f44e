package org.lcsc.datasets;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.io.input.BoundedInputStream;
import org.lcsc.image.ImageShape;
import org.lcsc.io.Sha256;

/**
 * CIFAR-10 (Krizhevsky 2009) in its binary version, from a directory or from the archive: files of
 * 10,000 records, each one label byte and 3,072 bytes of red, green and blue planes.
 *
 * <p>A download is verified by the archive's SHA-256; files given by path by their form alone.
 */
record Cifar10Loader(Path cache, Downloader downloader, int recordsPerFile, URI address)
    implements DataSetLoader {

  static final String ARCHIVE = "cifar-10-binary.tar.gz";
  private static final String ARCHIVE_SHA256 =
      "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd";
  private static final URI ADDRESS = URI.create("https://www.cs.toronto.edu/~kriz/" + ARCHIVE);
  private static final long MAX_DOWNLOAD_BYTES = 256L << 20;

  /** The published files have 184 MB; guards time and memory against an archive that unpacks on. */
  private static final long MAX_UNPACKED_BYTES = 1L << 28;

  private static final String DIRECTORY = "cifar-10-batches-bin";
  private static final List<String> TRAIN =
      List.of(
          "data_batch_1.bin",
          "data_batch_2.bin",
          "data_batch_3.bin",
          "data_batch_4.bin",
          "data_batch_5.bin");
  private static final String TEST = "test_batch.bin";

  private static final ImageShape SHAPE = new ImageShape(3, 32, 32);
  private static final int RECORD_BYTES = 1 + SHAPE.length();
  private static final int CLASSES = 10;
  private static final int RECORDS_PER_FILE = 10_000;

  Cifar10Loader(Path cache, Downloader downloader) {
    this(cache, downloader, RECORDS_PER_FILE);
  }

  /** With files of another length. */
  Cifar10Loader(Path cache, Downloader downloader, int recordsPerFile) {
    this(cache, downloader, recordsPerFile, ADDRESS);
  }

  @Override
  public ImageDataSet load(DataSetSpec spec, Split split) throws IOException {
    List<String> names = names(split);
    HeapPixels.requireRoom(spec.name(), (long) names.size() * recordsPerFile * RECORD_BYTES);
    Path place = locate(spec);
    Map<String, ImageDataSet> files =
        Files.isDirectory(place) ? fromDirectory(place, names) : fromArchive(place, names);
    return names.stream().map(files::get).reduce(ImageDataSet::followedBy).orElseThrow();
  }

  private static List<String> names(Split split) {
    return switch (split) {
      case TRAIN -> TRAIN;
      case TEST -> List.of(TEST);
      case ALL -> Stream.concat(TRAIN.stream(), Stream.of(TEST)).toList();
    };
  }

  @Override
  public void requireFiles(DataSetSpec spec, Split split) throws IOException {
    Path place = locate(spec);
    for (String name : names(split)) {
      Path file = place.resolve(name);
      if (Files.isDirectory(place) && !Files.isRegularFile(file)) {
        throw new DataSetException(file, "is missing", "must be there");
      }
    }
  }

  /** The directory that holds the files, or the archive. */
  private Path locate(DataSetSpec spec) throws IOException {
    Path root = spec.path() == null ? cache : spec.path();
    for (Path place : List.of(root, root.resolve(DIRECTORY))) {
      if (Files.isRegularFile(place.resolve(TRAIN.get(0)))
          || Files.isRegularFile(place.resolve(TEST))) {
        return place;
      }
    }
    for (Path place : List.of(root, root.resolve(ARCHIVE))) {
      if (Files.isRegularFile(place)) {
        return place;
      }
    }
    if (spec.path() != null) {
      throw new DataSetException(
          root, "holds no CIFAR-10", "must be " + ARCHIVE + " or a directory with " + TEST);
    }
    Path target = cache.resolve(ARCHIVE);
    spec.requireDownload(target);
    downloader.fetch(List.of(address), target, MAX_DOWNLOAD_BYTES, Cifar10Loader::verify);
    return target;
  }

  private static void verify(Path archive) throws IOException {
    String found = Sha256.of(archive);
    if (!found.equals(ARCHIVE_SHA256)) {
      throw new DataSetException(
          ARCHIVE, "has SHA-256 " + found, "the published file has " + ARCHIVE_SHA256);
    }
  }

  private Map<String, ImageDataSet> fromDirectory(Path directory, List<String> names)
      throws IOException {
    Map<String, ImageDataSet> files = new HashMap<>();
    for (String name : names) {
      Path file = directory.resolve(name);
      if (!Files.isRegularFile(file)) {
        throw new DataSetException(file, "is missing", "the binary version of CIFAR-10 has it");
      }
      requireLength(file, Files.size(file));
      try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
        files.put(name, parse(file, in));
      }
    }
    return files;
  }

  private Map<String, ImageDataSet> fromArchive(Path archive, List<String> names)
      throws IOException {
    Map<String, ImageDataSet> files = new HashMap<>();
    // Two resources: what is no gzip file fails before there is an archive to close.
    try (InputStream source = new BufferedInputStream(Files.newInputStream(archive));
        TarArchiveInputStream tar =
            new TarArchiveInputStream(
                BoundedInputStream.builder()
                    .setInputStream(new GZIPInputStream(source, 1 << 16))
                    .setMaxCount(MAX_UNPACKED_BYTES)
                    .get())) {
      for (TarArchiveEntry member = tar.getNextEntry();
          member != null && files.size() < names.size();
          member = tar.getNextEntry()) {
        if (!member.isCheckSumOK()) {
          throw new DataSetException(
              archive, "has a damaged member header", "must be a whole " + ARCHIVE);
        }
        if (member.getSize() > MAX_UNPACKED_BYTES) {
          throw new DataSetException(
              archive,
              "has a member of " + member.getSize() + " bytes",
              "must be at most " + MAX_UNPACKED_BYTES);
        }
        String name = member.getName().substring(member.getName().lastIndexOf('/') + 1);
        if (member.isFile() && names.contains(name)) {
          String label = archive + "!" + member.getName();
          requireLength(label, member.getSize());
          files.put(name, parse(label, tar));
        }
      }
    } catch (DataSetException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw new DataSetException(
          archive, "is a damaged archive (" + e.getMessage() + ")", "must be a whole " + ARCHIVE);
    }
    for (String name : names) {
      if (!files.containsKey(name)) {
        throw new DataSetException(archive, "holds no " + name, "must be " + ARCHIVE);
      }
    }
    return files;
  }

  private void requireLength(Object file, long length) throws IOException {
    long right = (long) recordsPerFile * RECORD_BYTES;
    if (length != right) {
      throw new DataSetException(
          file,
          "is " + length + " bytes long",
          "must be " + right + ", " + recordsPerFile + " records of " + RECORD_BYTES);
    }
  }

  private ImageDataSet parse(Object file, InputStream in) throws IOException {
    HeapPixels.Writer writer = new HeapPixels.Writer(SHAPE.length());
    int[] labels = new int[recordsPerFile];
    byte[] row = new byte[RECORD_BYTES];
    for (int i = 0; i < recordsPerFile; i++) {
      if (in.readNBytes(row, 0, RECORD_BYTES) < RECORD_BYTES) {
        throw new DataSetException(
            file, "ends within record " + i, "must hold " + recordsPerFile + " records");
      }
      labels[i] = row[0] & 0xff;
      if (labels[i] >= CLASSES) {
        throw new DataSetException(
            file, "label " + labels[i] + " of record " + i, "must be 0 to " + (CLASSES - 1));
      }
      writer.append(row, 1);
    }
    return new ImageDataSet(
        "cifar10", SHAPE, CLASSES, writer.finish(), recordsPerFile, labels, null);
  }
}
