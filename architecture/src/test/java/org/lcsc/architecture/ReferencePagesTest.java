package org.lcsc.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.lcsc.cli.Main;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/**
 * The reference pages say what the code does. To write them anew: {@code mvn -pl architecture -am
 * test -Dtest=ReferencePagesTest -Dsurefire.failIfNoSpecifiedTests=false -Dlcsc.test.write=true}
 */
class ReferencePagesTest {

  private static final Path PAGES = Path.of("..", "docs");

  @Test
  void configurationIsThatOfTheRecords() throws IOException {
    holds("reference-configuration.md", ConfigurationReference.page());
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
    holds("reference-commands.md", page.toString());
  }

  private static void help(StringBuilder page, CommandLine command) {
    String help = command.setUsageHelpWidth(100).getUsageMessage(Ansi.OFF);
    page.append("\n## ")
        .append(command.getCommandSpec().qualifiedName())
        .append("\n\n```\n")
        .append(help.lines().map(String::stripTrailing).reduce("", (a, b) -> a + b + "\n"))
        .append("```\n");
  }

  private static void holds(String name, String generated) throws IOException {
    Path page = PAGES.resolve(name);
    if (Boolean.getBoolean("lcsc.test.write")) {
      Files.writeString(page, generated);
    }
    assertThat(Files.readString(page))
        .as("docs/%s, which is generated: see ReferencePagesTest", name)
        .isEqualTo(generated);
  }
}
