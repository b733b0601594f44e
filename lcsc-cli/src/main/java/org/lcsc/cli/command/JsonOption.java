package org.lcsc.cli.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import picocli.CommandLine.Option;

/** Results for programs: JSON on standard output in place of tables. */
final class JsonOption {

  /** Not loaded for the help, which has this option of many commands. */
  private static final class Writer {
    static final ObjectWriter JSON = new ObjectMapper().writerWithDefaultPrettyPrinter();
  }

  @Option(names = "--json", description = "Print JSON in place of text, for programs.")
  private boolean wanted;

  /** Created by the command line. */
  JsonOption() {}

  boolean wanted() {
    return wanted;
  }

  /** A document and its end of line. */
  static String of(Object value) {
    try {
      return Writer.JSON.writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
