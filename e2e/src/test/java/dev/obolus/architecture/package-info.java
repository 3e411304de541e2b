/** Who may know whom: the arrows between modules and inside them, held as data. */
@NullMarked
package dev.obolus.architecture;

import org.jspecify.annotations.NullMarked;
