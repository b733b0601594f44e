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
 * Marks a {@code double} of a record whose NaN, for what was not measured, is null in a {@link
 * RecordFile}: JSON has no NaN. The text {@code "NaN"} of earlier versions is read as well.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER})
@JacksonAnnotationsInside
@JsonSerialize(using = NullForNaN.Writer.class)
@JsonDeserialize(using = NullForNaN.Reader.class)
public @interface NullForNaN {

  /** Writes null for NaN. Stateless and thread-safe. */
  final class Writer extends StdSerializer<Double> {

    private static final long serialVersionUID = 1;

    /** Created by Jackson. */
    public Writer() {
      super(Double.class);
    }

    @Override
    public void serialize(Double value, JsonGenerator json, SerializerProvider provider)
        throws IOException {
      if (value.isNaN()) {
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
