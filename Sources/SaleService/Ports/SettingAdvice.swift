/// A setting of a store that loses what was confirmed, or stalls sales, and what to set in its
/// place.
package struct SettingAdvice: Sendable, Equatable {
    /// As the store names it.
    package var setting: String
    package var value: String
    package var consequence: String
    package var remedy: String
    /// Orders or stock can be lost by it; otherwise sales stall.
    package var isRisk: Bool

    package init(_ setting: String, is value: String, so consequence: String, set remedy: String, isRisk: Bool = false) {
        self.setting = setting
        self.value = value
        self.consequence = consequence
        self.remedy = remedy
        self.isRisk = isRisk
    }
}

extension SettingAdvice: CustomStringConvertible {
    package var description: String { "\(setting) is \(value): \(consequence); set it to \(remedy)" }
}
