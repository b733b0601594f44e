package org.lcsc.tensor;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.lcsc.config.Printable;
import org.lcsc.io.NpyArray;
import org.lcsc.io.Refuse;
import org.lcsc.io.Text;
import org.lcsc.io.ZipFiles;

/**
 * NumPy's {@code .npz} as a checkpoint: its arrays of numbers are the tensors. Arrays of text, and
 * members that are no arrays, are written on as they are. Pickled objects are refused.
 */
final class NpzFile implements TensorFile {

  private static final String NPY = ".npy";

  /** Bytes copied at a time. */
  private static final int PIECE = 1 << 20;

  /** NumPy's types of text. */
  private static final Pattern TEXT = Pattern.compile("[<>|=][SU]\\d+");

  /**
   * An array in the file.
   *
   * @param header bytes before its values
   */
  private record Place(ZipMember member, long header) {}

  private final Path file;
  private final ZipFile zip;
  private final List<Tensor> tensors = new ArrayList<>();
  private final Map<String, Place> places = new HashMap<>();
  private final List<ZipEntry> others = new ArrayList<>();

  private NpzFile(Path file, ZipFile zip) {
    this.file = file;
    this.zip = zip;
  }

  static NpzFile open(Path file) throws IOException {
    ZipFile zip = ZipFiles.open(file, "no .npz archive");
    NpzFile npz = new NpzFile(file, zip);
    try {
      for (ZipEntry entry : zip.stream().filter(e -> !e.isDirectory()).toList()) {
        if (entry.getName().endsWith(NPY)) {
          npz.add(entry);
        } else {
          npz.others.add(entry);
        }
      }
      return npz;
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  private void add(ZipEntry entry) throws IOException {
    String name = entry.getName().substring(0, entry.getName().length() - NPY.length());
    try (DataInputStream in = new DataInputStream(zip.getInputStream(entry))) {
      NpyArray.Description array = NpyArray.describe(in, Integer.MAX_VALUE);
      if (TEXT.matcher(array.descr()).matches()) {
        others.add(entry);
        return;
      }
      TensorType type =
          Arrays.stream(TensorType.values())
              .filter(t -> array.descr().equals(t.numpy()))
              .findFirst()
              .orElseThrow(() -> new IOException("type '" + array.descr() + "' is not supported"));
      Tensor tensor =
          new Tensor(name, type, Arrays.stream(array.shape()).mapToObj(Long::valueOf).toList());
      Refuse.file(
          array.columnMajor() && array.shape().length > 1,
          "is in Fortran order, allowed: numpy.ascontiguousarray of it");
      ZipMember member = new ZipMember(file, zip, entry);
      long size = array.header() + tensor.bytes();
      Refuse.file(entry.getSize() < size, "is cut short");
      Refuse.file(entry.getSize() > size, "data follows the array");
      Refuse.file(places.put(name, new Place(member, array.header())) != null, "is there twice");
      tensors.add(tensor);
    } catch (IOException e) {
      throw new IOException(file + ": array " + Printable.oneLine(name) + ": " + Text.reason(e), e);
    }
  }

  @Override
  public List<Tensor> tensors() {
    return List.copyOf(tensors);
  }

  @Override
  public Map<String, String> metadata() {
    return Map.of();
  }

  @Override
  public void read(Tensor tensor, long from, ByteBuffer target) throws IOException {
    Place place = places.get(tensor.name());
    try {
      place.member().read(place.header() + from, target);
    } catch (IOException e) {
      throw new IOException(file + ": array " + tensor.name() + ": " + Text.reason(e), e);
    }
  }

  @Override
  public void rewrite(Path target, TensorValues values) throws IOException {
    try (ZipWriter out = new ZipWriter(target)) {
      write(out, tensors, values);
      for (ZipEntry other : others) {
        copy(other, out);
      }
    }
  }

  private void copy(ZipEntry other, ZipWriter out) throws IOException {
    try (ZipMember member = new ZipMember(file, zip, other)) {
      OutputStream copy = out.begin(other.getName(), other.getSize());
      for (long at = 0; at < other.getSize(); ) {
        ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, other.getSize() - at));
        member.read(at, piece);
        copy.write(piece.array());
        at += piece.capacity();
      }
      out.end();
    } catch (EOFException e) {
      throw new IOException(file + ": " + Printable.oneLine(other.getName()) + ": is cut short", e);
    }
  }

  static void write(Path target, List<Tensor> tensors, TensorValues values) throws IOException {
    try (ZipWriter out = new ZipWriter(target)) {
      write(out, tensors, values);
    }
  }

  private static void write(ZipWriter out, List<Tensor> tensors, TensorValues values)
      throws IOException {
    for (Tensor tensor : tensors) {
      byte[] header =
          NpyArray.header(
              tensor.type().numpy(), tensor.shape().stream().mapToLong(Long::longValue).toArray());
      OutputStream member = out.begin(tensor.name() + NPY, header.length + tensor.bytes());
      member.write(header);
      values.stream(tensor, piece -> member.write(piece.array(), 0, piece.remaining()));
      out.end();
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
