package org.lcsc.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SweepPlotTest extends CommandLineTest {

  private static final String TITLES =
      "variant,seed,evaluations,seconds,search,fresh FID,fresh FID (2nd space)\n";

  /** The command line with these options. */
  private Object[] plot(Object... options) {
    List<Object> all = new ArrayList<>(List.of("sweep"));
    all.addAll(List.of(options));
    all.addAll(List.of("--out", directory.resolve("plots")));
    return all.toArray();
  }

  private Path file(String name, String rows) throws IOException {
    return Files.writeString(directory.resolve(name), TITLES + rows);
  }

  @Test
  void averagesOverFilesAndSeedsAndLeavesOutMarksThatNotAllReach() throws IOException {
    Path first =
        file(
            "a.csv",
            "gradient,1,10,1,8,9,7\ngradient,1,20,2,4,5,3\n\"evolution:sigma=0.1,adaptation=0\",1,10,3,20,21,19\n");
    Path second = file("b.csv", "gradient,2,10,3,10,13,7\n");

    succeeds(
        plot(
            "--name",
            "cd",
            "--label",
            "Algorithm 1=evolution:sigma=0.1,adaptation=0",
            "--plot",
            first,
            second));

    assertThat(err.toString()).isEmpty();
    assertThat(out.toString().replaceAll(" +", " "))
        .contains(
            "| strategy | evaluations | seconds | search | fresh FID | fresh FID (2nd space) |")
        .contains("| Algorithm 1 | 10 | 3 | 20.000 | 21.000 | 19.000 |")
        .contains("| gradient | 10 | 2 | 9.000 ± 1.414 | 11.000 ± 2.828 | 7.000 ± 0.000 |")
        .doesNotContain("| gradient | 20 |");
    assertThat(out.toString().indexOf("Algorithm 1"))
        .isLessThan(out.toString().indexOf("gradient"));
    for (String name : new String[] {"cd-evaluations", "cd-seconds"}) {
      assertThat(directory.resolve("plots/" + name + ".svg"))
          .content()
          .contains("Algorithm 1", "fresh FID (2nd space)");
      assertThat(directory.resolve("plots/" + name + ".png")).isNotEmptyFile();
    }
  }

  @Test
  void smallScoresAreToldApart() throws IOException {
    succeeds(
        plot("--plot", file("kid.csv", "a,1,10,1,0.0021,0.0034,3\nb,1,10,1,0.0023,0.0036,3\n")));
    assertThat(out.toString().replaceAll(" +", " "))
        .contains("| a | 10 | 1 | 0.002100 | 0.003400 | 3.000 |");
    assertThat(directory.resolve("plots/curves-seconds.svg"))
        .content()
        .contains("a ends at 0.002100 after 10 evaluations.");
  }

  /** As written before there were sweeps of strategies, and kept beside the documentation. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "search-study/dm.csv",
        "search-study/cd.csv",
        "search-study/ct.csv",
        "digits-ranges/learning-rates.csv"
      })
  void plotsTheRowsOfEarlierMeasurements(String rows) {
    succeeds(plot("--plot", "../docs/results/" + rows));
    assertThat(directory.resolve("plots/curves-seconds.svg")).isNotEmptyFile();
  }

  @Test
  void refusesInOneLineWhatIsNoStudy() throws IOException {
    Path other = Files.writeString(directory.resolve("c.csv"), "a,b\n1,2\n");
    Path good = file("d.csv", "gradient,1,ten,1,8,9,7\n");

    refuses("c.csv: has no columns of curves", plot("--plot", other));
    refuses("d.csv: no number where one belongs", plot("--plot", good));
    refuses("--name: no name of files (../x)", plot("--name", "../x", "--plot", good));
    refuses(
        "--set: has no effect with --plot (a=1), allowed: with STUDY",
        plot("--set", "a=1", "--plot", good));
  }
}
