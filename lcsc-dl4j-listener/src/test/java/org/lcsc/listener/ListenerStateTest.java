package org.lcsc.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.lcsc.averaging.ExponentialMovingAverage;
import org.lcsc.checkpoint.CheckpointWindow;

class ListenerStateTest {

  private static byte[] bytes(ListenerState state) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    state.write(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  private static ListenerState read(byte[] bytes, long parameters) throws IOException {
    return ListenerState.read(new DataInputStream(new ByteArrayInputStream(bytes)), parameters);
  }

  @Test
  void everythingIsRestoredToTheBit() throws IOException {
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener =
          Trainings.listener(network, window).searchAt(9, 20).target(1e9).build();
      network.addListeners(listener);
      Trainings.fit(network, 1);
      byte[] saved = bytes(listener.state());
      LcscListener resumed =
          Trainings.listener(network, window)
              .target(1e9)
              .resume(read(saved, network.numParams()))
              .build();
      assertThat(bytes(resumed.state())).isEqualTo(saved);
      assertThat(resumed.results()).hasSize(2);
      assertThat(resumed.best().orElseThrow().iteration())
          .isEqualTo(listener.best().orElseThrow().iteration());
      assertThat(resumed.bestParameters()).isEqualTo(listener.bestParameters());
      assertThat(resumed.mergedParameters()).isEqualTo(listener.mergedParameters());
      assertThat(resumed.stopSignal().reason()).isEqualTo(listener.stopSignal().reason());
      assertThat(resumed.emas())
          .extracting(ExponentialMovingAverage::updates)
          .containsExactly(20L, 20L);
    }
  }

  @Test
  void aStateOfBeforeTheFirstUpdateLeavesTheRates() throws IOException {
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      byte[] saved = bytes(Trainings.listener(network, window).build().state());
      LcscListener resumed =
          Trainings.listener(network, window).resume(read(saved, network.numParams())).build();
      network.addListeners(resumed);
      Trainings.fit(network, 1);
      assertThat(resumed.emas()).hasSize(2);
    }
  }

  @Test
  void aStateOfAnotherTrainingIsRefused() throws IOException {
    MultiLayerNetwork network = Trainings.network();
    try (CheckpointWindow window = Trainings.window(network, 12, 3)) {
      LcscListener listener = Trainings.listener(network, window).build();
      network.addListeners(listener);
      Trainings.fit(network, 1);
      byte[] saved = bytes(listener.state());
      assertThatThrownBy(() -> read(saved, network.numParams() + 1))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("it holds an array of " + network.numParams() + " values");
      ListenerState state = read(saved, network.numParams());
      assertThatThrownBy(
              () -> Trainings.listener(network, window).emaRates(0.5).resume(state).build())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the state holds averages of the rates [0.8, 0.95], the training has [0.5]");
    }
  }
}
