/** Consistency models. */
package org.lcsc.consistency;
