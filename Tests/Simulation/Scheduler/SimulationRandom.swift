/// SplitMix64: small, fast, and the same on every machine, so that a seed is all that a run needs
/// to be told again.
package struct SimulationRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// `true` in `share` of 1,000 cases.
    package mutating func happens(_ share: Int) -> Bool {
        share > 0 && Int.random(in: 0..<1_000, using: &self) < share
    }

    package mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &self)]
    }

    /// A span between two numbers of milliseconds, in nanoseconds.
    package mutating func span(_ milliseconds: ClosedRange<UInt64>) -> UInt64 {
        UInt64.random(in: milliseconds.lowerBound * 1_000_000...milliseconds.upperBound * 1_000_000, using: &self)
    }
}
