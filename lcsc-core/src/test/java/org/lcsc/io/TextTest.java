package org.lcsc.io;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {

  @ParameterizedTest
  @CsvSource({
    "12.34567, 12.346",
    "1, 1.000",
    "-3.25, -3.250",
    "0, 0.000",
    "0.663, 0.6630",
    "-0.0612345, -0.06123",
    "0.000314159, 0.0003142",
    "1e-7, 1.000e-07",
    "NaN, NaN"
  })
  void aScoreHasThreeDecimalsOrFourDigits(double score, String shown) {
    assertThat(Text.score(score)).isEqualTo(shown);
  }

  @Test
  void aDeviationHasTheDigitsOfItsScore() {
    assertThat(Text.score(0.25, 12.5)).isEqualTo("0.250");
    assertThat(Text.score(0.00031, 0.0021)).isEqualTo("0.000310");
    assertThat(Text.score(2, 3e-7)).isEqualTo("2.000e+00");
  }

  @Test
  void linesAreJoinedByOneSpaceOrCutAtTheFirst() {
    assertThat(Text.oneLine(" a  b \r\n\n\tc\u2028d\n")).isEqualTo("a  b c d");
    assertThat(Text.oneLine(null)).isEqualTo("null");
    assertThat(Text.firstLine(" a \r\nb")).isEqualTo(" a ");
    assertThat(Text.firstLine("")).isEmpty();
    assertThat(Text.firstLine(null)).isEqualTo("null");
  }
}
