/// What was measured of one subject in one round, among others in turn.
package protocol RoundMeasurement {
    associatedtype Subject: RawRepresentable<String>, Equatable

    var subject: Subject { get }
    var round: Int { get }
    var disturbance: Disturbance { get }
    /// What was wrong; empty when all was right.
    var faults: [String] { get }
}

extension Sequence where Element: RoundMeasurement {
    func spread(of subject: Element.Subject, _ figure: (Element) -> Double) -> Spread? {
        Spread(filter { $0.subject == subject }.map(figure))
    }

    /// A figure of each round against the same of another subject in it; `nil` where there is none.
    func compare(_ subject: Element.Subject, with other: Element.Subject, _ figure: (_ one: Element, _ other: Element) -> Double?) -> Spread? {
        Spread(
            filter { $0.subject == subject }.compactMap { one in
                first { $0.round == one.round && $0.subject == other }.flatMap { figure(one, $0) }
            })
    }

    var doubts: [String] {
        filter(\.disturbance.isTooMuch).map { "\($0.subject.rawValue), round \($0.round): \($0.disturbance.text)" }
    }

    var allFaults: [String] {
        flatMap { measured in measured.faults.map { "\(measured.subject.rawValue), round \(measured.round): \($0)" } }
    }
}
