package org.lcsc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every public class of every module says whether threads may share it. */
class ThreadSafetyTest {

  private static final Pattern CLASS =
      Pattern.compile(
          "^public (?:(?:final|abstract|sealed|non-sealed) )*class (\\w+)([^{]*)\\{",
          Pattern.MULTILINE);

  @Test
  void everyPublicClassStatesItsThreadSafety() throws IOException {
    List<Path> sources;
    try (Stream<Path> files = Files.walk(Path.of(".."))) {
      sources =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .filter(file -> file.toString().replace('\\', '/').contains("/src/main/java/"))
              .toList();
    }
    assertThat(sources).hasSizeGreaterThan(300);
    List<String> silent = new ArrayList<>();
    for (Path source : sources) {
      String text = Files.readString(source);
      Matcher type = CLASS.matcher(text);
      // Exceptions are as every Throwable.
      if (type.find() && !type.group(2).matches("(?s).*extends \\w*(Exception|Failure)\\b.*")) {
        int end = text.lastIndexOf("*/", type.start());
        String javadoc = end < 0 ? "" : text.substring(text.lastIndexOf("/**", end), end);
        if (!javadoc.replaceAll("\\s*\\n \\* ?", " ").matches("(?si).*thread.*")) {
          silent.add(type.group(1));
        }
      }
    }
    assertThat(silent).as("classes whose Javadoc does not mention threads").isEmpty();
  }
}
