package org.lcsc.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartsTest {

  /** A family with a kind of its own under {@code kind}. */
  public interface Shape extends Part {
    double area();
  }

  /** The sides have defaults. */
  @Kind("rectangle")
  public record Rectangle(double width, @OptionalKey Double height) implements Shape {
    public Rectangle() {
      this(2, null);
    }

    public Rectangle {
      Require.positive("width", width);
    }

    @Override
    public double area() {
      return width * (height == null ? width : height);
    }
  }

  /** The radius has none. */
  @Kind("circle")
  public record Circle(Double radius) implements Shape {
    public Circle() {
      this(null);
    }

    @Override
    public double area() {
      return Math.PI * radius * radius;
    }
  }

  /** A family under a key of its own, with a kind where none is given. */
  @Family(key = "name", standard = "thin")
  public interface Pen extends Part {}

  @Kind("thin")
  public record Thin(int width) implements Pen {
    public Thin() {
      this(1);
    }
  }

  /** A family of which two classes claim one kind. */
  public interface Twice extends Part {}

  @Kind("one")
  public record First() implements Twice {}

  @Kind("one")
  public record Second() implements Twice {}

  /** A family whose registration names a class that is not there. */
  public interface Broken extends Part {}

  @MovedKey(keys = "radius", to = "shape: { kind: {shape|circle}, {key}: {value} }")
  public record Drawing(
      @OptionalKey Shape shape,
      @OptionalKey List<Shape> shapes,
      Pen pen,
      @OptionalKey Twice twice,
      @OptionalKey Broken broken) {}

  /** A record that is no part, with defaults of its own. */
  public record Page(int width, Shape frame, Integer number) {
    public Page() {
      this(80, new Rectangle(3, 4.0), null);
    }
  }

  private static Drawing drawing(String yaml) throws ConfigException {
    return YamlConfig.parse("x.yaml", yaml, Drawing.class);
  }

  private static Page page(String yaml) throws ConfigException {
    return YamlConfig.parse("x.yaml", yaml, Page.class);
  }

  @Test
  void aNameAloneIsTheKindWithItsDefaults() throws ConfigException {
    assertThat(drawing("shape: rectangle").shape()).isEqualTo(new Rectangle(2, null));
  }

  @Test
  void aMappingGivesTheKindItsSettings() throws ConfigException {
    Drawing read =
        drawing(
            """
            shape: { kind: circle, radius: 3 }
            shapes: [rectangle, { height: 1, kind: rectangle }]
            """);
    assertThat(read.shape()).isEqualTo(new Circle(3.0));
    assertThat(read.shapes()).containsExactly(new Rectangle(2, null), new Rectangle(2, 1.0));
  }

  @Test
  void aFamilyMayHaveAnotherKeyAndAStandardKind() throws ConfigException {
    assertThat(drawing("shape: rectangle").pen()).isEqualTo(new Thin(1));
    assertThat(drawing("pen: { width: 4 }").pen()).isEqualTo(new Thin(4));
    assertThat(drawing("pen: { name: thin, width: 5 }").pen()).isEqualTo(new Thin(5));
  }

  @Test
  void whatAFileLeavesOutIsTheDefaultOfItsRecord() throws ConfigException {
    assertThat(page("number: 7")).isEqualTo(new Page(80, new Rectangle(3, 4.0), 7));
    assertThat(page("{ number: 7, frame: { width: 9 } }").frame())
        .as("the kind of the default with its own defaults")
        .isEqualTo(new Rectangle(9, null));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'shape: circel' | shape: unknown value (circel) (did you mean circle?), allowed: circle,"
            + " rectangle",
        "'shape: { kind: 5 }' | shape.kind: unknown value (5), allowed: circle, rectangle",
        "'shape: { radius: 5 }' | 'shape.kind: missing, expected one of circle, rectangle'",
        "'shape: [circle]' | 'shape: expected one of circle, rectangle (a list)'",
        "'shapes: circle' | 'shapes: expected a list of values out of circle, rectangle (circle)'",
        "'shape: { kind: { a: 1 } }' | 'shape.kind: expected one of circle, rectangle (a mapping)'",
        "'shape: circle' | 'shape.radius: missing, expected a number'",
        "'shape: { kind: rectangle, heigth: 1 }' | 'shape.heigth: unknown key (did you mean"
            + " height?), allowed: kind, width, height'",
        "'shape: { kind: rectangle, width: 0 }' | 'shape.width: not a positive number (0.0),"
            + " allowed: more than 0'",
        "'radius: 3' | 'radius: unknown key, now shape: { kind: circle, radius: 3 }'",
        "'{ shape: ball, radius: 3 }' | 'radius: unknown key, now shape: { kind: ball, radius: 3"
            + " }'",
        "'radius: [3]' | 'radius: unknown key, now shape: { kind: circle, radius: ... }'",
        "'twice: one' | 'twice: two classes are of the kind one: org.lcsc.config.PartsTest$First"
            + " and org.lcsc.config.PartsTest$Second, allowed: one on the class path'",
        "'broken: one' | 'broken: org.lcsc.config.PartsTest$Broken: Provider"
            + " org.lcsc.config.NoSuchClass not found'",
      })
  void refusesWhatIsWrongInOneLine(String yaml, String message) {
    ConfigException e = catchThrowableOfType(ConfigException.class, () -> drawing(yaml));
    assertThat(e).as(yaml).isNotNull();
    assertThat(e.getMessage()).isEqualTo("x.yaml: " + message);
  }

  @Test
  void whatIsWrittenNamesTheKindAndReadsBackEqual() throws ConfigException {
    Drawing drawing =
        new Drawing(
            new Circle(3.0),
            List.of(new Rectangle(1, 2.0), new Circle(4.0)),
            new Thin(2),
            null,
            null);
    String yaml = YamlConfig.toYaml(drawing);
    assertThat(yaml)
        .isEqualTo(
            """
            shape:
              kind: circle
              radius: 3.0
            shapes:
              - kind: rectangle
                width: 1.0
                height: 2.0
              - kind: circle
                radius: 4.0
            pen:
              name: thin
              width: 2
            """);
    assertThat(drawing(yaml)).isEqualTo(drawing);
  }

  @Test
  void theKindsAreListedWithTheirDefaults() {
    assertThat(Parts.of(Shape.class))
        .containsExactly(
            Map.entry("circle", new Circle(null)), Map.entry("rectangle", new Rectangle()));
    assertThatThrownBy(() -> Parts.named(Shape.class, "--shape", "square"))
        .isInstanceOf(InvalidValueException.class)
        .hasMessage("--shape: unknown value (square), allowed: circle, rectangle");
  }
}
