package org.lcsc.export;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.deser.DeserializationProblemHandler;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.lcsc.io.AtomicFiles;
import org.lcsc.io.Json;
import org.lcsc.io.Sha256;
import org.lcsc.io.TextFiles;

/**
 * Records as JSON files: an object with the names of the record's components, read strictly, and
 * the SHA-256 of its content under the key {@value #CHECKSUM}, so that a changed number is noticed.
 * Layout is no content. A file without that key, of an earlier version, is read without the check.
 *
 * <p>Thread-safe: it has no state.
 */
public final class RecordFile {

  /** Key of the checksum. */
  static final String CHECKSUM = "checksum";

  private static final String VERSIONS = "versions";

  private static final ObjectMapper JSON =
      Json.mapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .addHandler(new Checksum())
          .build();

  private RecordFile() {}

  /** The checksum is no component of the record. */
  private static final class Checksum extends DeserializationProblemHandler {

    @Override
    public boolean handleUnknownProperty(
        DeserializationContext context,
        JsonParser parser,
        JsonDeserializer<?> deserializer,
        Object bean,
        String name)
        throws IOException {
      boolean own = name.equals(CHECKSUM) && parser.getParsingContext().getParent().inRoot();
      if (own) {
        parser.skipChildren();
      }
      return own;
    }
  }

  /** See {@link Recipe#provenance(Map)}. */
  static Map<String, Object> asReadBack(Map<String, ?> entries) {
    try {
      return JSON.readValue(JSON.writeValueAsString(entries), new TypeReference<>() {});
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "provenance must be writable as JSON: " + Json.problem(e), e);
    }
  }

  /**
   * Writes a record, whole or not at all. Numbers read back to the same bits.
   *
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, Record content) throws IOException {
    AtomicFiles.writeString(file, text(content));
  }

  /** What {@link #write} writes. */
  public static String text(Record content) throws IOException {
    // As it will be read back, so that the checksum is of the same numbers.
    ObjectNode tree = (ObjectNode) JSON.readTree(JSON.writeValueAsString(content));
    tree.put(CHECKSUM, checksum(tree));
    return JSON.writeValueAsString(tree) + "\n";
  }

  /**
   * Reads a record.
   *
   * @param what it is, for messages, for example {@code recipe}
   * @param nulls whether components of the record may be null
   * @throws IOException if there is no such file, or it holds none: an unknown or missing key, a
   *     value of the wrong kind, another checksum; the message is one line and names file, line and
   *     key
   */
  public static <T extends Record> T read(Path file, Class<T> type, String what, boolean nulls)
      throws IOException {
    String original = TextFiles.read(file, Json.MAX_BYTES);
    try {
      String text = completed(original, type);
      T content =
          nulls
              ? JSON.readerFor(type)
                  .without(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                  .readValue(text)
              : JSON.readValue(text, type);
      if (!(JSON.readTree(original) instanceof ObjectNode tree) || content == null) {
        throw new IOException(file + ": no " + what + ": no object");
      }
      if (tree.has(CHECKSUM) && !tree.remove(CHECKSUM).asText().equals(checksum(tree))) {
        throw new IOException(
            file + ": damaged or changed by hand, its content is not that of its checksum");
      }
      return content;
    } catch (JsonProcessingException e) {
      throw new IOException(Json.place(file, e) + ": no " + what + ": " + Json.problem(e), e);
    }
  }

  /**
   * With the versions, or those parts of them, that files of earlier versions lack. Not by
   * Jackson's injection, which in the version that Spark brings cannot set a component of a record.
   */
  private static String completed(String text, Class<? extends Record> type)
      throws JsonProcessingException {
    boolean hasVersions =
        Arrays.stream(type.getRecordComponents()).anyMatch(c -> c.getName().equals(VERSIONS));
    if (!hasVersions || !(JSON.readTree(text) instanceof ObjectNode tree)) {
      return text;
    }
    ObjectNode versions = JSON.valueToTree(Versions.OF_EARLIER);
    JsonNode written = tree.path(VERSIONS);
    if (written.size() >= versions.size() || !written.isObject() && !written.isMissingNode()) {
      return text;
    }
    if (written instanceof ObjectNode parts) {
      versions.setAll(parts);
    }
    tree.set(VERSIONS, versions);
    return tree.toString();
  }

  private static String checksum(ObjectNode content) {
    return Sha256.of(content.toString());
  }
}
