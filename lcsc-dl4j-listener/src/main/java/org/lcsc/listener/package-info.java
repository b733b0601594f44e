/**
 * LCSC beside a training in Deeplearning4j. {@link org.lcsc.listener.LcscListener} is the main
 * type: a training listener that records checkpoints, averages weights, searches combinations and
 * gives {@link org.lcsc.listener.LcscResult}s. {@link org.lcsc.listener.StoppableIterator} and
 * {@link org.lcsc.listener.TargetTermination} end a training once its target is reached.
 */
package org.lcsc.listener;
