/// One thing that an operator can set: a variable of the environment, and the flag of the same
/// name.
package struct Setting: Sendable {
    /// As the environment has it, such as `SECKILL_LIMIT_PER_USER`.
    package let name: String
    /// What the flag takes, in a word.
    package let valueName: String
    package let help: String
    /// It may hold a password; so its value may also be in a file, which `SECKILL_…_FILE` names.
    package let isSecret: Bool
    let field: any PartialKeyPath<Settings> & Sendable
    private let assign: @Sendable (String, inout Settings) throws(NotAllowed) -> Void
    private let write: @Sendable (Settings) -> String

    init<Value>(
        _ name: String, _ field: any WritableKeyPath<Settings, Value> & Sendable, _ form: SettingForm<Value>, _ valueName: String, _ help: String,
        isSecret: Bool = false
    ) {
        self.name = name
        self.valueName = valueName
        self.help = help
        self.isSecret = isSecret
        self.field = field
        assign = { (text, settings) throws(NotAllowed) in settings[keyPath: field] = try form.read(text) }
        write = { settings in form.write(settings[keyPath: field as KeyPath<Settings, Value>]) }
    }

    /// The one that `field` holds.
    package static func of(_ field: PartialKeyPath<Settings>) -> Setting {
        guard let setting = all.first(where: { $0.field == field }) else { fatalError("\(field) is no setting") }
        return setting
    }

    /// Such as `limit-per-user`, without the hyphens in front.
    package var flag: String { name.dropFirst(Self.prefix.count).lowercased().replacing("_", with: "-") }

    func read(_ text: String, into settings: inout Settings) throws(SettingsError) {
        do {
            try assign(text, &settings)
        } catch {
            throw SettingsError("\(name) must be \(error.allowed)" + (isSecret ? "" : ", not \"\(text)\""))
        }
    }

    /// As it is written where it is set, empty for none.
    package func text(in settings: Settings) -> String { write(settings) }

    static let prefix = "SECKILL_"
}
