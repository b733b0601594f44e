package org.lcsc.listener;

import java.util.List;
import java.util.Objects;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.DataSetPreProcessor;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.MultiDataSetPreProcessor;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * Iterators that have no more data once a {@link StopSignal} is given, and so end {@code fit}: the
 * update that gave the signal is the last. Of several epochs the remaining ones are empty.
 *
 * <pre>{@code
 * model.fit(StoppableIterator.of(data, listener.stopSignal()), epochs);
 * }</pre>
 *
 * <p>They refuse asynchronous prefetching, since prefetched batches would still be trained on.
 * Everything else goes to the iterator that is wrapped.
 *
 * <p>The iterators are not thread-safe.
 */
public final class StoppableIterator {

  private StoppableIterator() {}

  /** Wraps an iterator of data sets. */
  public static DataSetIterator of(DataSetIterator data, StopSignal signal) {
    return new Single(data, signal);
  }

  /** Wraps an iterator of multi data sets. */
  public static MultiDataSetIterator of(MultiDataSetIterator data, StopSignal signal) {
    return new Multi(data, signal);
  }

  private static final class Single implements DataSetIterator {

    private final transient DataSetIterator data;
    private final transient StopSignal signal;

    Single(DataSetIterator data, StopSignal signal) {
      this.data = Objects.requireNonNull(data, "data");
      this.signal = Objects.requireNonNull(signal, "signal");
    }

    @Override
    public boolean hasNext() {
      return !signal.isRequested() && data.hasNext();
    }

    @Override
    public DataSet next() {
      return data.next();
    }

    @Override
    public DataSet next(int count) {
      return data.next(count);
    }

    @Override
    public boolean asyncSupported() {
      return false;
    }

    @Override
    public boolean resetSupported() {
      return data.resetSupported();
    }

    @Override
    public void reset() {
      data.reset();
    }

    @Override
    public int batch() {
      return data.batch();
    }

    @Override
    public int inputColumns() {
      return data.inputColumns();
    }

    @Override
    public int totalOutcomes() {
      return data.totalOutcomes();
    }

    @Override
    public List<String> getLabels() {
      return data.getLabels();
    }

    @Override
    public void setPreProcessor(DataSetPreProcessor preProcessor) {
      data.setPreProcessor(preProcessor);
    }

    @Override
    public DataSetPreProcessor getPreProcessor() {
      return data.getPreProcessor();
    }
  }

  private static final class Multi implements MultiDataSetIterator {

    private final transient MultiDataSetIterator data;
    private final transient StopSignal signal;

    Multi(MultiDataSetIterator data, StopSignal signal) {
      this.data = Objects.requireNonNull(data, "data");
      this.signal = Objects.requireNonNull(signal, "signal");
    }

    @Override
    public boolean hasNext() {
      return !signal.isRequested() && data.hasNext();
    }

    @Override
    public MultiDataSet next() {
      return data.next();
    }

    @Override
    public MultiDataSet next(int count) {
      return data.next(count);
    }

    @Override
    public boolean asyncSupported() {
      return false;
    }

    @Override
    public boolean resetSupported() {
      return data.resetSupported();
    }

    @Override
    public void reset() {
      data.reset();
    }

    @Override
    public void setPreProcessor(MultiDataSetPreProcessor preProcessor) {
      data.setPreProcessor(preProcessor);
    }

    @Override
    public MultiDataSetPreProcessor getPreProcessor() {
      return data.getPreProcessor();
    }
  }
}
