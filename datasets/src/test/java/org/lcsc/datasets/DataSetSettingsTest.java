package org.lcsc.datasets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.lcsc.config.ConfigException;
import org.lcsc.config.Parts;
import org.lcsc.config.YamlConfig;

class DataSetSettingsTest {

  /** A file with a data set. */
  public record Run(DataSetSettings dataset) {}

  private static DataSetSettings yaml(String text) throws ConfigException {
    return YamlConfig.parse("x.yaml", "dataset: " + text, Run.class).dataset();
  }

  @Test
  void aNameIsADataSetWithItsDefaults() throws ConfigException {
    assertThat(yaml("cifar10")).isEqualTo(new DataSets.Cifar10(null, null, false, true));
    assertThat(yaml("{ name: folder, path: p, channels: 1, flip: true }"))
        .isEqualTo(new DataSets.Folder("p", null, 1, true, null));
    assertThat(Parts.of(DataSetSettings.class).keySet())
        .contains("digits", "fashion-mnist", "mnist", "idx", "cifar10", "imagenet64", "folder");
  }

  @Test
  void whatIsKnownFollowsTheSide() throws ConfigException {
    assertThat(yaml("{ name: fashion-mnist, side: 16 }").known())
        .contains(new DataSetSettings.Known(1, 16, 10));
    assertThat(yaml("digits").known()).contains(new DataSetSettings.Known(1, 8, 10));
    assertThat(yaml("{ name: folder, path: p }").known()).isEmpty();
  }

  @Test
  void flippingAndDownloadingDoNotChangeTheSource() {
    DataSetSettings plain = new DataSets.Cifar10(null, 16, false, true);
    assertThat(new DataSets.Cifar10(null, 16, true, false).source()).isEqualTo(plain.source());
    assertThat(new DataSets.Cifar10(null, 8, false, true).source()).isNotEqualTo(plain.source());
    assertThat(new DataSets.Cifar10("p", 16, false, true).source()).isNotEqualTo(plain.source());
    assertThat(new DataSets.Mnist(null, 16, false, true).source()).isNotEqualTo(plain.source());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mnits | dataset: unknown value (mnits) (did you mean mnist?), allowed: ",
        "folder | dataset.path: missing, expected a text",
        "imagenet64 | dataset.path: missing, expected a text",
        "idx | dataset.path: missing, expected a text",
        "{ name: digits, path: x } | dataset.path: unknown key",
        "{ name: mnist, side: 0 } | dataset.side: out of range (0), allowed: 1 to 28",
        "{ name: idx, path: p, side: 5000 } | dataset.side: out of range (5000), allowed: 1 to 4096",
        "{ name: mnist, channels: 1 } | dataset.channels: unknown key",
        "{ name: folder, path: p, channels: 2 } | dataset.channels: unknown value (2), allowed: 1",
        "{ name: folder, path: ' ' } | dataset.path: is empty, allowed: a text"
      })
  void refusesWhatDoesNotFit(String text, String message) {
    assertThatThrownBy(() -> yaml(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("x.yaml: " + message.strip());
  }

  @Test
  void optionsOfACommandAreKeys() {
    DataSetSettings folder = Parts.named(DataSetSettings.class, "name", "folder");
    assertThat(Parts.with(folder, Map.of("path", "p", "side", 8)))
        .isEqualTo(new DataSets.Folder("p", 8, 3, false, null));
    assertThatThrownBy(() -> Parts.with(folder, Map.of("side", 8))).hasMessage("path: missing");
    assertThatThrownBy(() -> Parts.with(new DataSets.Digits(), Map.of("path", "p")))
        .hasMessage("path: has no effect with name: digits (p)");
    assertThatThrownBy(() -> Parts.with(new DataSets.Digits(), Map.of("side", 9)))
        .hasMessage("side: out of range (9), allowed: 1 to 8");
  }

  @Test
  void aBackgroundIsAColour() throws ConfigException {
    assertThat(yaml("{name: folder, path: p, background: white}"))
        .isEqualTo(new DataSets.Folder("p", null, 3, false, "white"));
    assertThat(yaml("{name: folder, path: p, background: '#10aBff'}").source())
        .isNotEqualTo(yaml("{name: folder, path: p}").source());
    assertThatThrownBy(() -> yaml("{name: folder, path: p, background: '#12345'}"))
        .hasMessageContaining("background: no colour (#12345), allowed: white, black, \"#rrggbb\"");
  }

  @Test
  void aFolderOfOneImageIsRefusedByName(@TempDir Path directory) throws IOException {
    ImageIO.write(
        new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB),
        "png",
        directory.resolve("a.png").toFile());
    assertThatThrownBy(
            () -> new DataSets.Folder(directory.toString(), null, 3, false, null).load(Split.TRAIN))
        .isInstanceOf(DataSetException.class)
        .hasMessage(directory + ": holds 1 image; must hold at least 2");
  }
}
