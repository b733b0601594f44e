package org.lcsc.listener;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Iterator;
import java.util.Objects;
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
    return wrapped(DataSetIterator.class, data, signal);
  }

  /** Wraps an iterator of multi data sets. */
  public static MultiDataSetIterator of(MultiDataSetIterator data, StopSignal signal) {
    return wrapped(MultiDataSetIterator.class, data, signal);
  }

  private static <T extends Iterator<?>> T wrapped(Class<T> type, T data, StopSignal signal) {
    Objects.requireNonNull(data, "data");
    Objects.requireNonNull(signal, "signal");
    InvocationHandler calls =
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "hasNext" -> !signal.isRequested() && data.hasNext();
              case "asyncSupported" -> false;
              case "forEachRemaining" -> InvocationHandler.invokeDefault(proxy, method, arguments);
              default -> {
                try {
                  yield method.invoke(data, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              }
            };
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, calls));
  }
}
