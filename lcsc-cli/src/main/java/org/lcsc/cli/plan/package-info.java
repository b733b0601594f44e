/**
 * What a configuration will need before it is run: {@link org.lcsc.cli.plan.SearchCost} for time
 * and the speed-up, {@link org.lcsc.cli.plan.SpreadPlan} for several machines, with figures that
 * are given or that {@link org.lcsc.cli.plan.MachineProbe} measures.
 */
package org.lcsc.cli.plan;
