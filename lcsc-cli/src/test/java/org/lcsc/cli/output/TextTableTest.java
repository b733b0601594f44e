package org.lcsc.cli.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TextTableTest {

  private final TextTable table =
      new TextTable("model", "FID", "time")
          .row("EMA 0.999", "12.5", "3 s")
          .row("LCSC", "4.25", null)
          .row("a|b", "-1e-3", "120 s");

  @Test
  void alignsNumbersToTheRight() {
    assertThat(table.toText())
        .isEqualTo(
            """
            model        FID   time
            ---------  -----  -----
            EMA 0.999   12.5    3 s
            LCSC        4.25      -
            a|b        -1e-3  120 s
            """);
  }

  @Test
  void writesMarkdown() {
    assertThat(table.toMarkdown())
        .isEqualTo(
            """
            | model     |   FID |  time |
            | --------- | ----: | ----: |
            | EMA 0.999 |  12.5 |   3 s |
            | LCSC      |  4.25 |     - |
            | a\\|b      | -1e-3 | 120 s |
            """);
  }

  @Test
  void alignsMixedColumnsToTheLeft() {
    assertThat(new TextTable("value").row("1").row("none at all").toText())
        .isEqualTo("value\n-----------\n1\nnone at all\n");
  }

  @Test
  void showsATableWithoutRows() {
    assertThat(new TextTable("a", "b").toMarkdown()).isEqualTo("| a   | b   |\n| --- | --- |\n");
  }

  @Test
  void refusesARowOfAnotherLength() {
    assertThatThrownBy(() -> table.row("x")).hasMessage("row of 1 cells, must have 3");
  }

  @Test
  void markdownShowsNamesAsTheyAre() {
    TextTable table = new TextTable("EMA* FID", "a_b").row("a<b>c & `d`", "*x*");
    assertThat(table.toMarkdown())
        .isEqualTo(
            """
            | EMA\\* FID       | a\\_b  |
            | --------------- | ----- |
            | a\\<b>c \\& \\`d\\` | \\*x\\* |
            """);
    assertThat(table.toText()).contains("EMA* FID", "a<b>c & `d`");
    assertThat(TextTable.escaped("by a\\b\nof c|d")).isEqualTo("by a\\\\b of c\\|d");
  }

  @Test
  void aRowIsALineWhateverItsNames() {
    TextTable table = new TextTable("na\nme", "score").row("a\nb\r\u2028c\td", 1);
    assertThat(table.toText().lines()).hasSize(3).last().asString().startsWith("a b c d ");
    assertThat(table.toMarkdown().lines()).hasSize(3);
  }
}
