package org.lcsc.search.evaluation;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.lcsc.checkpoint.CheckpointMerger;

/** A merger for several threads: one call at a time, for a window's scratch memory is shared. */
final class SynchronizedMerger {

  private SynchronizedMerger() {}

  static CheckpointMerger of(CheckpointMerger merger) {
    InvocationHandler oneAtATime =
        (proxy, method, arguments) -> {
          synchronized (merger) {
            try {
              return method.invoke(merger, arguments);
            } catch (InvocationTargetException e) {
              throw e.getCause();
            }
          }
        };
    Class<?>[] types = {CheckpointMerger.class};
    return (CheckpointMerger)
        Proxy.newProxyInstance(CheckpointMerger.class.getClassLoader(), types, oneAtATime);
  }
}
