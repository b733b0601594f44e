package org.lcsc.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class ModelConfigurationTest {

  private static String difference(String first, String second) throws Exception {
    return ModelFile.difference(
        "{\"confs\": [" + first + "]}", "{\"confs\": [" + second + "]}", Set.of());
  }

  @Test
  void longValuesAreShownWhereTheyDiffer() throws Exception {
    String start = "[" + "123, ".repeat(40);
    String found = difference(start + "7]", start + "8, " + "9, ".repeat(60) + "9]");
    assertThat(found)
        .isEqualTo(
            "/confs/0 is ...123,123,123,123,123,7] and ...123,123,123,123,123,8,"
                + "9,".repeat(19)
                + "...");
    // One is the beginning of the other.
    assertThat(difference(start + "7]", start + "7, 1]"))
        .isEqualTo("/confs/0 is ...23,123,123,123,123,7] and ...23,123,123,123,123,7,1]");
  }

  @Test
  void shortValuesAreShownWhole() throws Exception {
    assertThat(difference("{\"a\": 1}", "{\"a\": [1, 2]}")).isEqualTo("/confs/0/a is 1 and [1,2]");
    assertThat(difference("{\"a\": 1}", "{}")).isEqualTo("/confs/0/a is 1 and absent");
    assertThat(difference("{\"a\": 1}", "{\"a\": 1}")).isNull();
  }
}
