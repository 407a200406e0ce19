/// Rising rates, each for the same time: stairs, or one slope that is judged piece by piece.
package struct RampPlan: Sendable, Equatable {
    package static let stepsMax = 200

    package var rateFrom: Double
    package var rateTo: Double
    package var rateStep: Double
    package var stepSeconds: Double
    package var isLinear: Bool

    package init(rateFrom: Double, rateTo: Double, rateStep: Double, stepSeconds: Double, isLinear: Bool) {
        self.rateFrom = rateFrom
        self.rateTo = rateTo
        self.rateStep = rateStep
        self.stepSeconds = stepSeconds
        self.isLinear = isLinear
    }

    package var stepsCount: Int { Int(((rateTo - rateFrom) / rateStep + 1e-9).rounded(.down)) + (isLinear ? 0 : 1) }

    package var phases: [ArrivalPlan.Phase] {
        (0..<stepsCount).map { step in
            let rate = rateFrom + Double(step) * rateStep
            return ArrivalPlan.Phase(rateFrom: rate, rateTo: isLinear ? rate + rateStep : rate, seconds: stepSeconds)
        }
    }

    /// The rate that each step stands for: its mean.
    package var rates: [Double] { phases.map { ($0.rateFrom + $0.rateTo) / 2 } }

    package var steps: [TrafficPlan.Step] {
        rates.enumerated().map { index, rate in
            TrafficPlan.Step(name: "\(TableReport.decimal(rate, 0))/s", endsAt: UInt64(Double(index + 1) * stepSeconds * 1e9))
        }
    }
}
