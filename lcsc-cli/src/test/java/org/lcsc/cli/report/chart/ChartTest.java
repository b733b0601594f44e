package org.lcsc.cli.report.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.xml.sax.InputSource;

class ChartTest {

  private static final double[] XS = {0, 50, 100, 150};

  private static Series line(String name, double... ys) {
    return new Series(name, XS, ys, Series.Look.line(Tone.BLUE));
  }

  private static Chart chart(Layer... layers) {
    return new Chart(
        "test-1",
        "Loss & <score>",
        "It falls.",
        Axis.linear("iteration"),
        List.of(new Panel(Axis.auto("FID"), List.of(layers), 150)));
  }

  private static List<Mark.Text> words(Drawing drawing) {
    List<Mark.Text> words = new ArrayList<>();
    drawing.marks().forEach(mark -> addText(words, mark));
    return words;
  }

  private static void addText(List<Mark.Text> words, Mark mark) {
    if (mark instanceof Mark.Text text) {
      words.add(text);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 2500, 5, 0 500 1000 1500 2000 2500",
    "-0.61, 0.54, 5, -0.5 0.0 0.5",
    "0.0012, 0.0049, 3, 0.002 0.004",
    "7.3, 22.6, 4, 5.0 10.0 15.0 20.0 25.0",
    "3, 3, 4, 2.8 3.0 3.2"
  })
  void marksRoundValues(double min, double max, int count, String ticks) {
    Scale scale = Scale.of(Axis.Kind.LINEAR, min, max, count, true);
    assertThat(scale.ticks())
        .containsExactlyElementsOf(Arrays.stream(ticks.split(" ")).map(Double::valueOf).toList());
    assertThat(scale.position(min)).isBetween(0.0, 1.0);
    assertThat(scale.position(max)).isBetween(0.0, 1.0);
  }

  @Test
  void goesByPowersOfTenWhereValuesSpanManyOfThem() {
    Scale wide = Scale.of(Axis.Kind.AUTO, 2e-3, 70, 5, true);
    assertThat(wide.isLog()).isTrue();
    assertThat(wide.ticks()).contains(0.01, 0.1, 1.0, 10.0);
    double step = wide.position(0.1) - wide.position(0.01);
    assertThat(wide.position(10) - wide.position(1))
        .isCloseTo(step, org.assertj.core.data.Offset.offset(1e-12));
    assertThat(Scale.of(Axis.Kind.AUTO, 2, 17, 5, true).isLog()).isFalse();
    assertThat(Scale.of(Axis.Kind.AUTO, -2, 1700, 5, true).isLog()).isFalse();
    assertThat(Scale.of(Axis.Kind.AUTO, 5, 4000, 2, true).ticks()).hasSizeBetween(2, 4);
  }

  @ParameterizedTest
  @CsvSource({"LINE, 1", "STEPS, 1", "LINE_AND_DOTS, 2", "DOTS, 2"})
  void marksAPointThatNoLineLeadsTo(Series.Style style, int dots) {
    Series single =
        new Series(
            "loss", new double[] {50}, new double[] {0.3}, Series.Look.line(Tone.GREY).as(style));
    assertThat(dots(chart(single))).isEqualTo(1);
    Series gap =
        new Series(
            "loss",
            new double[] {50, 60, 70},
            new double[] {Double.NaN, 0.3, Double.NaN},
            Series.Look.line(Tone.GREY).as(style));
    assertThat(dots(chart(gap))).isEqualTo(1);
    Series two =
        new Series(
            "loss",
            new double[] {50, 60},
            new double[] {0.3, 0.4},
            Series.Look.line(Tone.GREY).as(style));
    assertThat(dots(chart(two))).isEqualTo(dots == 1 ? 0 : 2);
  }

  private static long dots(Chart chart) {
    return ChartLayout.draw(chart, 700, false).marks().stream()
        .filter(Mark.Dot.class::isInstance)
        .count();
  }

  @Test
  void hasAScaleForNothing() {
    Scale scale =
        Scale.of(Axis.Kind.AUTO, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 4, true);
    assertThat(scale.min()).isZero();
    assertThat(scale.max()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "2500; 2,500", "0; 0", "-0.61321; −0.6132", "16.973; 16.97", "0.0012; 0.0012",
        "3.6e-8; 3.6e-8", "12345.678; 12,345.7", "NaN; –", "9.9999999; 10", "1e15; 1e15"
      })
  void writesNumbersForPeople(double value, String text) {
    assertThat(Numbers.text(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0.98761, 0.98765",
    "12345.61, 12345.67",
    "3.60001e-8, 3.60004e-8",
    "1000001, 1000002",
    "-5.00001, -5"
  })
  void ticksCloseToEachOtherHaveTheirOwnLabels(double from, double to) {
    Series series =
        new Series(
            "score", new double[] {from, to}, new double[] {from, to}, Series.Look.line(Tone.BLUE));
    Scale scale = Scale.of(Axis.Kind.LINEAR, from, to, 4, true);
    assertThat(scale.ticks()).hasSizeGreaterThan(2);
    assertThat(scale.ticks().stream().map(Numbers::inFull)).doesNotHaveDuplicates();
    List<String> numbers =
        words(ChartLayout.draw(chart(series), 760, false)).stream()
            .map(Mark.Text::text)
            .filter(text -> text.matches("−?[0-9,.e-]+"))
            .toList();
    // The same for both axes, which share their values.
    assertThat(numbers.stream().distinct().count()).isGreaterThan(2);
    assertThat(numbers.stream().filter(numbers.get(0)::equals).count()).isLessThan(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {346, 760})
  void keepsEverythingWithinThePicture(int width) {
    Drawing drawing =
        ChartLayout.draw(
            chart(
                new Layer.Span("first phase", 0, 30),
                new Layer.Band(
                    "spread", XS, new double[] {1, 1, 1, 1}, new double[] {9, 9, 9, 9}, Tone.GREEN),
                line("EMA* (window-ema-0.9995)", 9, 8, Double.NaN, 7),
                line("LCSC", 9, 5, 4, 6.9)),
            width,
            false);
    assertThat(drawing.width()).isEqualTo(width);
    for (Mark mark : drawing.marks()) {
      if (mark instanceof Mark.Line line) {
        assertThat(Arrays.stream(line.xs()).filter(x -> !Double.isNaN(x)))
            .allMatch(x -> x >= 0 && x <= width);
        assertThat(Arrays.stream(line.ys()).filter(y -> !Double.isNaN(y)))
            .allMatch(y -> y >= 0 && y <= drawing.height());
      } else if (mark instanceof Mark.Text text) {
        assertThat(text.y()).isBetween(0.0, (double) drawing.height());
      }
    }
  }

  @Test
  void keepsNamesAtTheEndsOfLinesApart() {
    Drawing drawing =
        ChartLayout.draw(
            chart(line("a1", 1, 2, 3, 5), line("b1", 5, 5, 5, 5), line("c1", 9, 8, 7, 5.01)),
            760,
            false);
    List<Double> at =
        words(drawing).stream()
            .filter(text -> text.text().matches("[abc]1"))
            .map(Mark.Text::y)
            .sorted()
            .toList();
    assertThat(at).hasSize(3);
    assertThat(at.get(1) - at.get(0)).isGreaterThanOrEqualTo(13);
    assertThat(at.get(2) - at.get(1)).isGreaterThanOrEqualTo(13);
  }

  @Test
  void writesWellFormedSvgThatTellsItsTitle() throws Exception {
    Drawing drawing = ChartLayout.draw(chart(line("a <b>", 1, 2, 3, 4)), 400, true);
    String svg = SvgWriter.file(drawing);
    assertThat(svg).isEqualTo(SvgWriter.file(drawing)).contains("prefers-color-scheme:dark");
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(svg)));
    assertThat(document.getElementsByTagName("title").item(0).getTextContent())
        .isEqualTo("Loss & <score>");
    assertThat(document.getElementsByTagName("desc").item(0).getTextContent())
        .isEqualTo("It falls.");
    assertThat(document.getDocumentElement().getAttribute("aria-labelledby"))
        .isEqualTo("chart-t chart-d");
    assertThat(svg).contains("a &lt;b&gt;").doesNotContain("NaN", "Infinity");
    assertThat(SvgWriter.inline(drawing, "x", "wide"))
        .contains("class=\"chart wide\"", "id=\"x-t\"")
        .doesNotContain("<style>");
  }

  @Test
  void breaksALineWhereAValueIsMissing() {
    String svg =
        SvgWriter.file(ChartLayout.draw(chart(line("a", 1, Double.NaN, 3, 4)), 400, false));
    assertThat(svg).containsPattern("s-blue\" stroke-width=\"2\"[^>]*d=\"M[^ML]*M[^ML]*L[^ML]*\"");
  }

  @Test
  void paintsTheSamePictureAsPng() {
    Drawing drawing =
        ChartLayout.draw(
            chart(
                new Series(
                    "a",
                    XS,
                    new double[] {1, -2, 3, 4},
                    new Series.Look(
                        Tone.ORANGE,
                        Series.Style.STEMS,
                        Series.Shape.SQUARE,
                        Series.Label.LEGEND,
                        false))),
            400,
            true);
    BufferedImage image = PngWriter.paint(drawing).finish();
    assertThat(image.getWidth()).isEqualTo(840);
    assertThat(image.getHeight()).isEqualTo(2 * (drawing.height() + 20));
    int orange = Color.decode(Tone.ORANGE.light()).getRGB();
    long painted = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        painted += image.getRGB(x, y) == orange ? 1 : 0;
      }
    }
    assertThat(painted).isBetween(200L, 20_000L);
    assertThat(image.getRGB(0, 0)).isEqualTo(Color.WHITE.getRGB());
  }

  @Test
  void givesItsNumbersAsATable() {
    Chart chart =
        chart(
            new Series(
                "a", new double[] {1, 2}, new double[] {10, 20}, Series.Look.line(Tone.BLUE)),
            new Series("b", new double[] {2, 3}, new double[] {5, 6}, Series.Look.line(Tone.BLUE)));
    assertThat(chart.table().titles()).containsExactly("iteration", "a", "b");
    assertThat(chart.table().rows())
        .containsExactly(
            new double[] {1, 10, Double.NaN},
            new double[] {2, 20, 5},
            new double[] {3, Double.NaN, 6});
  }

  @Test
  void stacksBars() {
    BarChart bars =
        new BarChart(
            "stages",
            "Seconds",
            "Most is sampling.",
            "seconds",
            List.of("sampling", "features"),
            List.of(Tone.BLUE, Tone.GOLD),
            List.of(
                new BarChart.Bar("400", new double[] {6, 2}),
                new BarChart.Bar("800", new double[] {3, 1})));
    List<Mark.Area> areas =
        bars.draw(500, false).marks().stream()
            .filter(Mark.Area.class::isInstance)
            .map(Mark.Area.class::cast)
            .skip(2)
            .toList();
    assertThat(areas).hasSize(4);
    double[] lengths = areas.stream().mapToDouble(area -> area.xs()[1] - area.xs()[0]).toArray();
    assertThat(lengths[0] / lengths[1]).isCloseTo(3, org.assertj.core.data.Offset.offset(1e-9));
    assertThat(lengths[0] / lengths[2]).isCloseTo(2, org.assertj.core.data.Offset.offset(1e-9));
    assertThat(areas.get(1).xs()[0]).isEqualTo(areas.get(0).xs()[1]);
  }

  @ParameterizedTest
  @EnumSource(Tone.class)
  void writesWordsWithEnoughContrast(Tone tone) {
    assertThat(contrast(tone.lightText(), "#ffffff")).isGreaterThan(4.5);
    String dark =
        Tone.variables(true).replaceAll(".*--" + tone.css() + "-text:(#[0-9a-f]+).*", "$1");
    assertThat(contrast(dark, "#15181c")).isGreaterThan(4.5);
  }

  /** As the Web Content Accessibility Guidelines define it. */
  private static double contrast(String a, String b) {
    double x = luminance(Color.decode(a));
    double y = luminance(Color.decode(b));
    return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
  }

  private static double luminance(Color color) {
    return 0.2126 * linear(color.getRed())
        + 0.7152 * linear(color.getGreen())
        + 0.0722 * linear(color.getBlue());
  }

  private static double linear(int channel) {
    double c = channel / 255.0;
    return c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
  }

  @Test
  void refusesWhatCannotBeDrawn() {
    assertThatThrownBy(() -> line("a", 1, 2)).hasMessage("series a needs one y per x, got 2 for 4");
    assertThatThrownBy(() -> new Layer.Band("b", XS, new double[1], new double[4], Tone.BLUE))
        .hasMessageContaining("got 1 and 4 for 4");
    assertThatThrownBy(() -> ChartLayout.draw(chart(line("a", 1, 2, 3, 4)), 100, false))
        .hasMessage("width of a chart must be at least 240, got 100");
    assertThatThrownBy(() -> new Chart("A b", "", "", Axis.linear("x"), List.of()))
        .hasMessageContaining("got A b");
    assertThatThrownBy(() -> new Chart("a", "", "", Axis.linear("x"), List.of()))
        .hasMessageContaining("at least one panel");
    assertThatThrownBy(() -> new Panel(Axis.linear("y"), List.of(), 10))
        .hasMessageContaining("at least 40, got 10");
    assertThatThrownBy(
            () ->
                new BarChart(
                    "a",
                    "",
                    "",
                    "",
                    List.of("p"),
                    List.of(Tone.BLUE),
                    List.of(new BarChart.Bar("x", new double[2]))))
        .hasMessageContaining("bar x needs a value and a colour for each of 1 parts, got 2 and 1");
  }
}
