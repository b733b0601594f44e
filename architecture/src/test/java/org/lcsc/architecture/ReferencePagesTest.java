package org.lcsc.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.lcsc.cli.Main;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/**
 * The reference pages say what the code does. To write them anew: {@code mvn -pl architecture -am
 * test -Dtest=ReferencePagesTest -Dsurefire.failIfNoSpecifiedTests=false -Dlcsc.test.write=true}
 */
class ReferencePagesTest {

  private static final Path PAGES = Path.of("..", "docs");
  private static final Path MANUAL = Path.of("..", "distribution", "src", "man");

  @Test
  void configurationIsThatOfTheRecords() throws IOException {
    holds(PAGES.resolve("reference-configuration.md"), ConfigurationReference.page());
  }

  @Test
  void commandsAreThoseOfTheCommandLine() throws IOException {
    StringBuilder page =
        new StringBuilder(
            """
            # Command reference

            What `lcsc COMMAND --help` prints; `ReferencePagesTest` writes this page and holds it against
            the commands. All of them: [README](../README.md#commands).
            """);
    CommandLine main = Main.commandLine();
    help(page, main);
    for (Map.Entry<String, CommandLine> command : main.getSubcommands().entrySet()) {
      help(page, command.getValue());
    }
    holds(PAGES.resolve("reference-commands.md"), page.toString());
  }

  /** From these pages, in AsciiDoc, the distribution makes those of {@code man}. */
  @Test
  void manualIsThatOfTheCommandLine(@TempDir Path generated) throws IOException {
    ManPageGenerator.generateManPage(
        generated.toFile(), null, new boolean[0], false, Main.commandLine().getCommandSpec());
    Set<String> names = names(generated);
    for (String name : names) {
      String page =
          Files.readString(generated.resolve(name))
              .replaceAll("(?m)^:(revnumber|mansource): .*$", ":$1: lcsc");
      holds(MANUAL.resolve(name), page);
    }
    assertThat(names(MANUAL)).as("pages of commands that exist").isEqualTo(names);
  }

  private static Set<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
    }
  }

  private static void help(StringBuilder page, CommandLine command) {
    String help = command.setUsageHelpWidth(100).getUsageMessage(Ansi.OFF);
    page.append("\n## ")
        .append(command.getCommandSpec().qualifiedName())
        .append("\n\n```\n")
        .append(help.lines().map(String::stripTrailing).reduce("", (a, b) -> a + b + "\n"))
        .append("```\n");
  }

  private static void holds(Path page, String generated) throws IOException {
    if (Boolean.getBoolean("lcsc.test.write")) {
      Files.writeString(page, generated);
    }
    assertThat(Files.readString(page))
        .as("%s, which is generated: see ReferencePagesTest", page)
        .isEqualTo(generated);
  }
}
