/// When buyers arrive, fixed before the run: an open loop, in which a slow server changes nothing
/// about the next arrival.
package struct ArrivalPlan: Sendable, Equatable {
    package enum Spacing: String, Sendable, CaseIterable {
        /// Evenly, one every 1 / rate.
        case constant
        /// Independently of each other, as real crowds do: a Poisson process of that rate.
        case poisson
    }

    /// A stretch of time in which the rate moves linearly from one value to another.
    package struct Phase: Sendable, Equatable {
        /// Arrivals per second when the phase begins.
        package var rateFrom: Double
        /// Arrivals per second when it ends.
        package var rateTo: Double
        package var seconds: Double

        package init(rateFrom: Double, rateTo: Double, seconds: Double) {
            self.rateFrom = rateFrom
            self.rateTo = rateTo
            self.seconds = seconds
        }

        /// Arrivals that the phase is expected to bring.
        package var expected: Double { (rateFrom + rateTo) / 2 * seconds }

        /// The seconds into the phase at which `arrivals` of it have come: the inverse of the
        /// integral of its rate.
        func seconds(of arrivals: Double) -> Double {
            guard arrivals > 0 else { return 0 }
            let slope = (rateTo - rateFrom) / seconds
            let root = max(0, rateFrom * rateFrom + 2 * slope * arrivals).squareRoot()
            return 2 * arrivals / (rateFrom + root)
        }
    }

    package var phases: [Phase]
    package var spacing: Spacing
    package var seed: UInt64

    package init(phases: [Phase], spacing: Spacing, seed: UInt64) {
        self.phases = phases
        self.spacing = spacing
        self.seed = seed
    }

    /// One rate all along.
    package static func steady(rate: Double, seconds: Double, spacing: Spacing, seed: UInt64) -> ArrivalPlan {
        ArrivalPlan(phases: [Phase(rateFrom: rate, rateTo: rate, seconds: seconds)], spacing: spacing, seed: seed)
    }

    package var expected: Double { phases.reduce(0) { $0 + $1.expected } }
    package var seconds: Double { phases.reduce(0) { $0 + $1.seconds } }

    /// The instants, in nanoseconds since the start, never decreasing. The same plan gives the same
    /// instants.
    package var instants: Instants { Instants(self) }

    /// Runs a process of one arrival per unit, and stretches its units to the time in which each
    /// phase brings one arrival.
    package struct Instants: Sequence, IteratorProtocol, Sendable {
        private let plan: ArrivalPlan
        private var random: SplitMix64
        private var ordinal: Double = 0
        private var position: Double = 0
        private var phase = 0
        private var phasePosition: Double = 0
        private var phaseSeconds: Double = 0

        init(_ plan: ArrivalPlan) {
            self.plan = plan
            self.random = SplitMix64(seed: plan.seed)
        }

        package mutating func next() -> UInt64? {
            switch plan.spacing {
            case .constant:
                position = ordinal
                ordinal += 1
            case .poisson:
                position += random.nextExponential()
            }
            while phase < plan.phases.count {
                let current = plan.phases[phase]
                if position < phasePosition + current.expected {
                    return UInt64((phaseSeconds + current.seconds(of: position - phasePosition)) * 1e9)
                }
                phasePosition += current.expected
                phaseSeconds += current.seconds
                phase += 1
            }
            return nil
        }
    }
}

extension RandomNumberGenerator {
    /// A sample of the exponential distribution with mean 1, made of comparisons alone (J. von
    /// Neumann, *Various techniques used in connection with random digits*, 1951): the same bits on
    /// every platform, which a `log` does not promise.
    mutating func nextExponential() -> Double {
        var whole: Double = 0
        while true {
            let first = Double.random(in: 0..<1, using: &self)
            var previous = first
            var length = 1
            while true {
                let following = Double.random(in: 0..<1, using: &self)
                if following > previous { break }
                previous = following
                length += 1
            }
            if !length.isMultiple(of: 2) { return whole + first }
            whole += 1
        }
    }
}
