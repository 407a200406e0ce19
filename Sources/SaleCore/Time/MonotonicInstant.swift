/// An instant of the machine's monotonic clock, which no correction of the time of day moves. What
/// lies between two of them is counted in nanoseconds.
///
/// Stands in every purchase many times: what is inlinable here costs other modules no more than the
/// number itself.
@usableFromInline package struct MonotonicInstant: Hashable, Comparable, Sendable {
    /// Since the clock began, such as at the start of the machine.
    @usableFromInline package let nanoseconds: UInt64

    @inlinable package init(nanoseconds: UInt64) {
        self.nanoseconds = nanoseconds
    }

    /// No other is earlier.
    @inlinable package static var earliest: Self { Self(nanoseconds: 0) }

    @inlinable package static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

    @inlinable package func advanced(by nanoseconds: UInt64) -> Self { Self(nanoseconds: self.nanoseconds + nanoseconds) }

    /// Nanoseconds from this instant to `other`; 0 when that is not later.
    @inlinable package func duration(to other: Self) -> UInt64 { other.nanoseconds > nanoseconds ? other.nanoseconds - nanoseconds : 0 }
}
