package org.lcsc.search.strategy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.lcsc.io.Refuse;

/**
 * A strategy whose snapshot is a version, its configuration and the state that it writes. Not
 * thread-safe.
 */
public abstract class SavedStrategy implements SearchStrategy {

  private static final int VERSION = 2;

  /** What two searches must share for one to continue the other. */
  protected abstract String configuration();

  /** Writes the state after the last generation told. */
  protected abstract void write(DataOutputStream out) throws IOException;

  /** Reads it back; changes nothing before it has read everything. */
  protected abstract void read(DataInputStream in) throws IOException;

  @Override
  public final byte[] snapshot() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(VERSION);
      out.writeUTF(configuration());
      write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  @Override
  public final void restore(byte[] snapshot) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(snapshot))) {
      int version = in.readInt();
      Refuse.argument(
          version != VERSION, "snapshot of version %s, this is version %s", version, VERSION);
      String saved = in.readUTF();
      String here = configuration();
      if (!saved.equals(here)) {
        throw new IllegalArgumentException(
            "the snapshot is of another search: " + saved + ", this one is " + here);
      }
      read(in);
    } catch (IOException e) {
      throw new IllegalArgumentException("the snapshot is damaged: " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "[" + configuration() + "]";
  }
}
