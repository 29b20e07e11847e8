extension Application {
    var updateRoutes: [Route] { [] }
}
