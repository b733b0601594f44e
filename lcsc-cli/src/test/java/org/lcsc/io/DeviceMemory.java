package org.lcsc.io;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Answers as a backend whose arrays lie on a device: what an open array gives is memory of its own,
 * all NaN until the values are brought there and again when it is closed, and operations see what
 * was written only once it was taken back. Copies are counted.
 */
final class DeviceMemory implements HostMemory.Place, AutoCloseable {

  /** A byte that makes NaN of every floating-point type. */
  private static final int POISON = 0xFF;

  private final HostMemory.Place before;
  private final List<Pointer> pieces = new ArrayList<>();
  private final int lost;
  private int downloads;
  private int uploads;

  private DeviceMemory(int lost) {
    this.lost = lost;
    before = HostMemory.replace(this);
  }

  /** Puts it in the backend's place until it is closed. */
  static DeviceMemory install() {
    return new DeviceMemory(0);
  }

  /** One that does not make the given copy, counted from 1. */
  static DeviceMemory losing(int copy) {
    return new DeviceMemory(copy);
  }

  /** Arrays brought to the host so far. */
  synchronized int downloads() {
    return downloads;
  }

  /** Arrays taken to the device so far. */
  synchronized int uploads() {
    return uploads;
  }

  private boolean copies() {
    return downloads + uploads != lost;
  }

  @Override
  public boolean isHost() {
    return false;
  }

  @Override
  public synchronized long open(INDArray array, boolean latest) {
    Pointer piece = Pointer.malloc(bytes(array));
    pieces.add(piece);
    Pointer.memset(piece, POISON, bytes(array));
    if (latest) {
      downloads++;
      if (copies()) {
        Pointer.memcpy(piece, device(array), bytes(array));
      }
    }
    return piece.address();
  }

  @Override
  public synchronized void close(INDArray array, long address, boolean written) {
    Pointer piece = new Address(address);
    if (written) {
      uploads++;
      if (copies()) {
        Pointer.memcpy(device(array), piece, bytes(array));
      }
    }
    Pointer.memset(piece, POISON, bytes(array));
  }

  private static long bytes(INDArray array) {
    return array.length() * array.dataType().width();
  }

  private static Pointer device(INDArray array) {
    return new Address(HostMemory.hostAddress(array));
  }

  @Override
  public synchronized void close() {
    HostMemory.replace(before);
    pieces.forEach(Pointer::free);
    pieces.clear();
  }

  /** A pointer to given memory that owns nothing. */
  private static final class Address extends Pointer {
    Address(long value) {
      address = value;
    }
  }
}
