/// Names of the run's users: a prefix and a number of fixed width, so that all are equally long.
struct UserNames: Sendable {
    let prefix: String
    let count: Int
    let width: Int

    init(prefix: String, count: Int) {
        self.prefix = prefix
        self.count = count
        self.width = String(count - 1).count
    }

    subscript(user: Int) -> String {
        let digits = String(user)
        return prefix + String(repeating: "0", count: width - digits.count) + digits
    }
}
