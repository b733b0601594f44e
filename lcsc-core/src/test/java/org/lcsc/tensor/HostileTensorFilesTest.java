package org.lcsc.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.lcsc.io.NpyArray;

/** Files that are damaged, or made to do damage: one line that names the file, nothing else. */
class HostileTensorFilesTest {

  private static final Path VECTORS = Path.of("src/test/resources/tensor");

  @TempDir Path directory;

  private Path file(String name, byte[] content) throws IOException {
    return Files.write(directory.resolve(name), content);
  }

  private Path safetensors(String header, int data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer content = ByteBuffer.allocate(8 + json.length + data).order(ByteOrder.LITTLE_ENDIAN);
    return file("a.safetensors", content.putLong(json.length).put(json).array());
  }

  private static void assertRefused(Path file, String... parts) {
    String[] all = Arrays.copyOf(parts, parts.length + 1);
    all[parts.length] = file.toString();
    assertThatThrownBy(() -> CheckpointFormat.of(file).orElseThrow().open(file).close())
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContainingAll(all)
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | no gaps and no overlaps
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}} | no gaps and no overlaps
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,80]}} | do not fit F32 [2]
          {"a":{"dtype":"F32","shape":[200],"data_offsets":[0,800]}} | cut short
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | bytes follow
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}} | do not fit
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}} | do not fit
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}} | Duplicate field 'a'
          {"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}} | unknown type (F8_E4M3)
          {"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}} | negative extent
          {"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,8]}} | too large
          {"a":{"dtype":"F32","shape":[1e3],"data_offsets":[0,8]}} | shape is not readable
          {"a":{"dtype":"F32","data_offsets":[0,8]}} | shape is missing
          [1] | no object
          {"a | no JSON
          """)
  void headersAreChecked(String header, String message) throws IOException {
    assertRefused(safetensors(header, 8), message);
  }

  @Test
  void aHeaderMustNotBeHuge() throws IOException {
    byte[] content = new byte[100];
    Arrays.fill(content, 0, 8, (byte) 0xff);
    assertRefused(file("a.safetensors", content), "18446744073709551615 bytes");
    assertRefused(file("b.safetensors", "PK\3\4 is a zip".getBytes(StandardCharsets.US_ASCII)));
    assertRefused(file("c.safetensors", new byte[3]), "cut short");
    assertRefused(directory.resolve("d.safetensors"), "no such file");
    String deep = "{\"a\":" + "[".repeat(5000) + "]".repeat(5000) + "}";
    assertRefused(safetensors(deep, 0), "no JSON");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "safetensors/step-000100.safetensors",
        "npz/step-000100.npz",
        "torch/step-000100.pt"
      })
  void everyCutAndFlippedBitIsNoticedOrHarmless(String name) throws IOException {
    byte[] whole = Files.readAllBytes(VECTORS.resolve(name));
    String own = Path.of(name).getFileName().toString();
    for (int length = 0; length < whole.length; length += 37) {
      assertRefused(file(own, Arrays.copyOf(whole, length)));
    }
    int refused = 0;
    int flips = 0;
    for (int at = 0; at < whole.length; at += 11) {
      byte[] flipped = whole.clone();
      flipped[at] ^= (byte) (1 << at % 8);
      Path file = file(own, flipped);
      flips++;
      // Whatever it is, no other exception than one line about this file.
      try (TensorFile open = CheckpointFormat.of(file).orElseThrow().open(file)) {
        for (Tensor tensor : open.tensors()) {
          open.stream(tensor, piece -> {});
        }
      } catch (IOException e) {
        refused++;
        assertThat(e.getMessage()).startsWith(file.toString());
        assertThat(e.getMessage().lines()).hasSize(1);
      }
    }
    // A safetensors file has no checksums: flips of values go unnoticed.
    assertThat((double) refused / flips).isGreaterThan(own.endsWith("npz") ? 0.4 : 0.2);
  }

  @Test
  void aSizeThatIsNotInTheFileTakesNoMemory() throws IOException {
    long length = 1L << 29;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("a.npy"));
      zip.write(NpyArray.header("<f4", length));
    }
    byte[] bytes = out.toByteArray();
    ByteBuffer content = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int directory = content.getInt(bytes.length - 6);
    // The size in the central directory, of a member that deflate made smaller.
    content.putInt(directory + 24, (int) (4 * length + 128));
    assertRefused(file("a.npz", bytes), "claims a size that is not in the file");
  }

  @ParameterizedTest
  @CsvSource({"11, is cut short", "1, is cut short", "-1, data follows the array"})
  void anArrayFillsItsMember(int cut, String message) throws IOException {
    byte[] header = NpyArray.header("<f4", 3);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("a.npy"));
      zip.write(Arrays.copyOf(header, header.length + 12 - cut));
    }
    assertRefused(file("a.npz", out.toByteArray()), "array a: " + message);
  }

  @Test
  void foreignClassesAreRefusedByName() throws IOException {
    Path file = file("a.pt", Files.readAllBytes(VECTORS.resolve("foreign.pt")));
    assertRefused(file, "torch.optim.sgd.SGD", "refused", "plain tensors");
  }

  @Test
  @Timeout(60)
  void listsThatHoldEachOtherTwiceAreNotWalkedForEver() throws IOException {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.writeBytes("]q\0".getBytes(StandardCharsets.ISO_8859_1));
    for (int i = 1; i < 45; i++) {
      byte[] outer = "](h?h?eq?".getBytes(StandardCharsets.ISO_8859_1);
      outer[3] = (byte) (i - 1);
      outer[5] = (byte) (i - 1);
      outer[8] = (byte) i;
      pickle.writeBytes(outer);
    }
    pickle.write('.');
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("a/data.pkl"));
      zip.write(pickle.toByteArray());
    }
    assertRefused(file("a.pt", out.toByteArray()), "holds more than");
  }

  /** The hash of such a key takes two of the one within it, and so on. */
  @Test
  @Timeout(60)
  void tuplesThatHoldEachOtherTwiceAreNoKeys() {
    ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    pickle.writeBytes("})q\0".getBytes(StandardCharsets.ISO_8859_1));
    for (int i = 1; i < 45; i++) {
      pickle.writeBytes(new byte[] {'h', (byte) (i - 1), (byte) 0x86, 'q', (byte) i});
    }
    pickle.writeBytes(new byte[] {'K', 1, 's', '.'});
    assertThatThrownBy(() -> TorchPickle.read(pickle.toByteArray()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a key of a dictionary in it is refused");
  }

  @Test
  void containersAreNotMadeWithoutEnd() {
    byte[] pickle = new byte[10_000_000];
    Arrays.fill(pickle, (byte) ']');
    assertThatThrownBy(() -> TorchPickle.read(pickle))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("its pickle is too large");
  }

  @ParameterizedTest
  @CsvSource({
    "cos~system~(X\1\0\0\0atR., os.system",
    "cbuiltins~eval~(X\1\0\0\0atR., builtins.eval",
    "ccollections~OrderedDict~(X\1\0\0\0atR., a call of collections.OrderedDict",
    "(ios~system~., operation 0x69",
    "X\u007f\u007f\u007f\u007fab., cut short",
    "R., damaged",
    "h\7., damaged"
  })
  void aPickleRunsNothing(String pickle, String message) {
    byte[] bytes = pickle.replace('~', '\n').getBytes(StandardCharsets.ISO_8859_1);
    assertThatThrownBy(() -> TorchPickle.read(bytes))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }
}
