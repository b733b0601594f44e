package org.lcsc.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.lcsc.experiment.output.CsvReader;

/** What a run directory holds but for times: of two equal runs it is the same. */
final class RunContents {

  private RunContents() {}

  /** Relative path to text or checksum of every file. */
  static Map<String, String> of(Path run) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(run)) {
      files = walk.filter(Files::isRegularFile).toList();
    }
    Map<String, String> contents = new TreeMap<>();
    for (Path file : files) {
      String name = run.relativize(file).toString();
      // The report shows seconds.
      if (!name.equals(".lock") && !name.equals("report.html")) {
        contents.put(name, content(name, file));
      }
    }
    return contents;
  }

  /** The files that differ, each with the first line that does. */
  static List<String> differences(Map<String, String> actual, Map<String, String> expected) {
    Set<String> names = new TreeSet<>(actual.keySet());
    names.addAll(expected.keySet());
    return names.stream()
        .filter(name -> !actual.getOrDefault(name, "").equals(expected.getOrDefault(name, "")))
        .map(name -> name + ": " + firstDifference(actual.get(name), expected.get(name)))
        .toList();
  }

  private static String firstDifference(String actual, String expected) {
    if (actual == null || expected == null) {
      return actual == null ? "missing" : "not expected";
    }
    List<String> there = actual.lines().toList();
    List<String> wanted = expected.lines().toList();
    for (int i = 0; i < Math.min(there.size(), wanted.size()); i++) {
      if (!there.get(i).equals(wanted.get(i))) {
        return there.get(i) + " instead of " + wanted.get(i);
      }
    }
    return there.size() + " lines instead of " + wanted.size();
  }

  private static String content(String name, Path file) throws IOException {
    if (name.endsWith(".zip")) {
      return zip(file);
    }
    if (name.endsWith(".json")) {
      JsonNode json = new ObjectMapper().readTree(file.toFile());
      dropSeconds(json);
      // Of the times too; without them what it covers is compared itself.
      ((ObjectNode) json).remove("checksum");
      return json.toPrettyString();
    }
    if (name.equals("metrics.csv")) {
      return columns(file, 0, 3);
    }
    if (name.endsWith("search.csv")) {
      return columns(file, 0, 6) + columns(file, 10, 12);
    }
    if (name.endsWith(".md")) {
      return Files.readString(file).replaceAll("[0-9.]+ s", "TIME s");
    }
    return crc(Files.readAllBytes(file));
  }

  private static String columns(Path file, int from, int to) throws IOException {
    return CsvReader.rows(file).stream()
        .map(row -> String.join(",", row.subList(from, to)))
        .collect(Collectors.joining("\n"));
  }

  private static void dropSeconds(JsonNode json) {
    if (json instanceof ObjectNode object) {
      for (Iterator<String> names = object.fieldNames(); names.hasNext(); ) {
        if (names.next().toLowerCase(java.util.Locale.ROOT).contains("seconds")) {
          names.remove();
        }
      }
    }
    json.forEach(RunContents::dropSeconds);
  }

  /** Without the times of the entries. */
  private static String zip(Path file) throws IOException {
    StringBuilder text = new StringBuilder();
    try (ZipInputStream in =
        new ZipInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        byte[] bytes = in.readAllBytes();
        text.append(entry.getName()).append(' ');
        text.append(
            entry.getName().endsWith(".json")
                ? new String(bytes, StandardCharsets.UTF_8)
                : crc(bytes));
        text.append('\n');
      }
    }
    return text.toString();
  }

  private static String crc(byte[] bytes) {
    CRC32 sum = new CRC32();
    sum.update(bytes);
    return bytes.length + " bytes " + Long.toHexString(sum.getValue());
  }
}
