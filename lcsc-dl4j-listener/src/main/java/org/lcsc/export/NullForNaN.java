package org.lcsc.export;

import com.fasterxml.jackson.annotation.JacksonAnnotationsInside;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import com.fasterxml.jackson.databind.deser.std.NumberDeserializers.DoubleDeserializer;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a {@code double} of a record that is null in a {@link RecordFile} where it is not finite,
 * for what was not or could not be measured, and NaN when read back: JSON has neither NaN nor
 * infinity. The texts {@code "NaN"} and {@code "Infinity"} of earlier versions are read as well.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER})
@JacksonAnnotationsInside
@JsonSerialize(using = NullForNaN.Writer.class)
@JsonDeserialize(using = NullForNaN.Reader.class)
public @interface NullForNaN {

  /** The same of the values of a map. */
  @Retention(RetentionPolicy.RUNTIME)
  @Target({ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER})
  @JacksonAnnotationsInside
  @JsonSerialize(contentUsing = Writer.class)
  @JsonDeserialize(contentUsing = Reader.class)
  @interface Values {}

  /** Writes null for what is not finite. Stateless and thread-safe. */
  final class Writer extends StdSerializer<Double> {

    private static final long serialVersionUID = 1;

    /** Created by Jackson. */
    public Writer() {
      super(Double.class);
    }

    @Override
    public void serialize(Double value, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      if (!Double.isFinite(value)) {
        json.writeNull();
      } else {
        json.writeNumber(value);
      }
    }
  }

  /** Reads NaN for null. Stateless and thread-safe. */
  final class Reader extends DoubleDeserializer {

    private static final long serialVersionUID = 1;

    /** Created by Jackson. */
    public Reader() {
      super(Double.class, Double.NaN);
    }
  }
}
