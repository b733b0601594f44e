package org.lcsc.search.strategy;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** A strategy whose snapshot is its configuration and the state that it writes. Not thread-safe. */
public abstract class SavedStrategy implements SearchStrategy {

  /** What two searches must share for one to continue the other. */
  protected abstract String configuration();

  /** Writes the state after the last generation told. */
  protected abstract void write(DataOutputStream out) throws IOException;

  /** Reads it back; changes nothing before it has read everything. */
  protected abstract void read(DataInputStream in) throws IOException;

  @Override
  public final byte[] snapshot() {
    return StrategySnapshot.write(configuration(), this::write);
  }

  @Override
  public final void restore(byte[] snapshot) {
    StrategySnapshot.read(snapshot, configuration(), this::read);
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "[" + configuration() + "]";
  }
}
