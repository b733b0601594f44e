package org.lcsc.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class NpyArrayTest {

  @Test
  void readsNumbersOfEveryWidthAndOrder() throws IOException {
    assertThat(doubles("<i8", -2, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 1, 0, 0))
        .containsExactly(-2, 1L << 40);
    assertThat(doubles("|u1", -1, 1)).containsExactly(255, 1);
    assertThat(doubles("|i1", -1, 1)).containsExactly(-1, 1);
    assertThat(doubles("<u2", 2, -1, 0, 1)).containsExactly(0xff02, 256);
    assertThat(doubles("<i2", 2, -1, 0, 1)).containsExactly((short) 0xff02, 256);
    assertThat(doubles(">i4", -1, -1, -1, -2, 0, 0, 1, 2)).containsExactly(-2, 258);
    assertThat(doubles(">u4", -1, -1, -1, -2, 0, 0, 1, 2)).containsExactly(4294967294.0, 258);
    assertThat(doubles(">f4", 0x3f, -128, 0, 0, -64, 0, 0, 0)).containsExactly(1, -2);
  }

  @Test
  void whatIsWrittenReadsBackEqual() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    NpyArray.ofDoubles(new double[] {1.5, -0.0, Double.NaN, 1e300, 2, 3}, 2, 3).write(out);
    NpyArray.ofLong(-5).write(out);
    NpyArray.ofText("Zürich").write(out);
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(out.toByteArray()));
    NpyArray matrix = read(in);
    assertThat(matrix.shape()).containsExactly(2, 3);
    assertThat(matrix.doubles()).containsExactly(1.5, -0.0, Double.NaN, 1e300, 2, 3);
    assertThat(read(in).asLong()).isEqualTo(-5);
    assertThat(read(in).asText()).isEqualTo("Zürich");
  }

  @Test
  void refusesTypesThatAreNoNumbers() {
    for (String type : new String[] {"|O", "<U8", "<c8", "|b1", "<f2", "<u8"}) {
      assertThatThrownBy(() -> doubles(type, new int[16]))
          .as(type)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("type '" + type + "', supported are");
    }
  }

  private static NpyArray read(DataInputStream in) throws IOException {
    return NpyArray.read(in, NpyArray.readHeader(in, 100), 1000);
  }

  /** Two values of a type. */
  private static double[] doubles(String type, int... content) throws IOException {
    String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (2,), }\n";
    ByteBuffer file =
        ByteBuffer.allocate(10 + header.length() + content.length).order(ByteOrder.LITTLE_ENDIAN);
    file.put((byte) 0x93).put("NUMPY".getBytes(StandardCharsets.US_ASCII)).put((byte) 1);
    file.put((byte) 0).putShort((short) header.length());
    file.put(header.getBytes(StandardCharsets.US_ASCII));
    for (int value : content) {
      file.put((byte) value);
    }
    return read(new DataInputStream(new ByteArrayInputStream(file.array()))).doubles();
  }
}
