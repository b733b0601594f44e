package org.lcsc.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every public class of every module, or the one it extends, says whether threads may share it. */
class ThreadSafetyTest {

  private static final Pattern CLASS =
      Pattern.compile(
          "^(public )?(?:(?:final|abstract|sealed|non-sealed) )*class (\\w+)([^{]*)\\{",
          Pattern.MULTILINE);

  private static final Pattern EXTENDS = Pattern.compile("extends (\\w+)");

  @Test
  void everyPublicClassStatesItsThreadSafety() throws IOException {
    List<Path> sources = new ArrayList<>();
    for (String root : new String[] {"..", "../examples/java"}) {
      try (DirectoryStream<Path> modules = Files.newDirectoryStream(Path.of(root))) {
        for (Path module : modules) {
          Path main = module.resolve("src/main/java");
          if (Files.isDirectory(main)) {
            try (Stream<Path> files = Files.walk(main)) {
              files.filter(file -> file.toString().endsWith(".java")).forEach(sources::add);
            }
          }
        }
      }
    }
    assertThat(sources).hasSizeGreaterThan(300);
    Map<String, String> parents = new HashMap<>();
    Set<String> saying = new HashSet<>();
    Set<String> open = new TreeSet<>();
    for (Path source : sources) {
      String text = Files.readString(source);
      Matcher type = CLASS.matcher(text);
      // Exceptions are as every Throwable.
      if (type.find() && !type.group(3).matches("(?s).*extends \\w*(Exception|Failure)\\b.*")) {
        Matcher parent = EXTENDS.matcher(type.group(3));
        if (type.group(1) != null) {
          open.add(type.group(2));
        }
        parents.put(type.group(2), parent.find() ? parent.group(1) : "");
        int end = text.lastIndexOf("*/", type.start());
        String javadoc = end < 0 ? "" : text.substring(text.lastIndexOf("/**", end), end);
        if (javadoc.replaceAll("\\s*\\n \\* ?", " ").matches("(?si).*thread.*")) {
          saying.add(type.group(2));
        }
      }
    }
    List<String> silent = new ArrayList<>();
    for (String name : open) {
      String type = name;
      while (type != null && !saying.contains(type)) {
        type = parents.get(type);
      }
      if (type == null) {
        silent.add(name);
      }
    }
    assertThat(silent).as("classes whose Javadoc does not mention threads").isEmpty();
  }
}
